import CommandLine
import EventLoop
import OrderWork
import Orders
import Store

/// Which route an order takes, in words.
@LoopActor
enum RouteText {
  /// Every route asks more than it may.
  static func tooDear(_ found: RouteFinder.Found, _ provider: Provider) -> Hindrance {
    Hindrance(
      kind: .price,
      text:
        "Every provider of its product asks more than its route allows: \(ShownText.visible(found.choice?.words ?? "")). It"
        + " goes when one asks less (dispatcher provider test \(provider.name) reads the catalogue again) or may ask more:"
        + " \(command(found)) --cost-max AMOUNT.")
  }

  /// Where an order goes that waits for a provider; nil where it has no other.
  static func elsewhere(_ found: RouteFinder.Found, _ provider: Provider) -> String? {
    if let goesOn = found.goesOn {
      guard goesOn.isOpen else { return "Its other providers take no orders either; it goes to whichever opens first." }
      return
        "It goes on to \(goesOn.provider.name) \(goesOn.after.untilWords) (--failover-after), unless \(provider.name)"
        + " opens before."
    }
    guard found.hasOther else { return nil }
    return "Its product has another route, and orders would go on to it by themselves with: \(command(found))"
      + " --failover-after 30s."
  }

  private static func command(_ found: RouteFinder.Found) -> String {
    "dispatcher route set --tenant … --product \(ShownText.visible(found.route.product)) --position \(found.route.position)"
  }
}
