public import Orders
public import Store

/// The exact commands by which a person decides about an order, each with when it is the right one.
public enum PersonCommands {
  /// Empty when nothing is to be decided: the order is final or goes on by itself.
  public static func choices(_ order: Order, _ sends: [Send]) -> [(command: String, when: String)] {
    guard !order.status.isFinal, order.status != .sending else { return [] }
    let id = order.id.description
    if sends.allSatisfy({ $0.state.provesNothingThere }) {
      return [
        ("worker order retry \(id)", "no provider has it: sends it now"),
        ("worker order cancel \(id)", "no provider has it: withdraws it"),
      ]
    }
    guard order.status != .pending else { return [] }
    return resolutions(order)
  }

  /// What a person says who has looked at the provider's panel.
  public static func resolutions(_ order: Order) -> [(command: String, when: String)] {
    let all = [
      ("--received", "it is there and being worked on"),
      ("--completed --pin-file FILE", "it is there and delivered"),
      ("--failed", "it is there, but refused or cancelled"),
      ("--not-received", "it is surely not there: sends it again"),
    ]
    // What was sent and accepted is known to be there; about a reference that sevk-restore made up nobody can be asked.
    let isMadeUp = order.providerReference?.hasPrefix("unknown-") ?? false
    return (order.status == .sent ? Array(all[1...2]) : isMadeUp ? Array(all[1...]) : all).map { flag, when in
      ("worker order resolve \(order.id) \(flag) --note TEXT", when)
    }
  }
}
