public import Orders
public import Store

/// The exact commands by which a person decides about an order, each with when it is the right one.
public enum PersonCommands {
  /// Empty when nothing is to be decided: the order is final or goes on by itself.
  public static func choices(_ order: Order, _ sends: [Send]) -> [PersonCommand] {
    guard order.status.row.person != .waits else { return [] }
    let id = order.id.description
    if order.status != .contested, sends.allSatisfy({ $0.state.provesNothingThere }) {
      func cancel(_ sight: String) -> PersonCommand {
        PersonCommand(.cancel, "worker order cancel \(id)", sight, then: "withdraws it")
      }
      if order.isRefundClaimed { return [cancel("no provider has it")] }
      return [
        PersonCommand(
          .retry, "worker order retry \(id)", "no provider has it, and it is still wanted", then: "sends it now"),
        cancel("no provider has it, and it is not wanted any more"),
      ]
    }
    guard order.status.canBeResolved else { return [] }
    return resolutions(order, sends)
  }

  /// What a person says who has looked at the provider's panel: each sight once.
  public static func resolutions(_ order: Order, _ sends: [Send]) -> [PersonCommand] {
    func resolve(
      _ choice: PersonChoice, _ flag: String, _ sight: String, then: String, mayBuyTwice: Bool = false
    ) -> PersonCommand {
      PersonCommand(
        choice, "worker order resolve \(order.id) \(flag) --note TEXT", sight, then: then, mayBuyTwice: mayBuyTwice)
    }
    let isAccepted = sends.last?.wasAccepted ?? false
    let again =
      order.isRefundClaimed
      ? resolve(
        .notReceived, "--not-received", "it is surely not there", then: "withdraws it, since its refund is claimed")
      : resolve(
        .notReceived, "--not-received",
        // What was accepted is there: it can only have been cancelled since.
        isAccepted ? "it was cancelled there, and is to be bought once more" : "it is surely not there",
        then: "SENDS IT AGAIN", mayBuyTwice: true)
    let all = [
      resolve(
        .received, "--received", "it is there and being worked on", then: "asks about it until it is settled"),
      resolve(
        .completed, "--completed --pin-file FILE", "it is there and delivered",
        then: "final; without --pin-file when it has no PIN"),
      resolve(
        .failed, "--failed",
        isAccepted && !order.isRefundClaimed
          ? "it was refused or cancelled there, and the shop gives the money back"
          : "it is there, but refused or cancelled", then: "final, and the shop may refund"),
      again,
    ]
    let decision = PersonDecision(order, sends: sends)
    return all.filter { command in
      if case .refused = decision.verdict(command.choice) { return false }
      // About a reference that sevk-restore made up nobody can be asked.
      return command.choice != .received || !(sends.last?.isMadeUp ?? false) && order.reasonCode != .cannotBeAsked
    }
  }

  /// A person's choices, a line each, the meanings below each other; where to look first, if one has to.
  public static func advice(_ order: Order, _ sends: [Send]) -> [String] {
    // Its provider's list has no reference of ours to look for: the reason says what to look for instead.
    lines(choices(order, sends), order.reasonCode == .cannotBeAsked ? [] : sends)
  }

  /// The same for commands that were chosen already.
  public static func lines(_ commands: [PersonCommand], _ sends: [Send]) -> [String] {
    let look = sends.filter { !$0.state.provesNothingThere }.map {
      "Look for reference \($0.sendReference) on the panel of \($0.provider) (send \($0.number)), then:"
    }
    let width = commands.map(\.command.count).max() ?? 0
    return look
      + commands.map {
        "  " + $0.command + String(repeating: " ", count: width - $0.command.count + 2) + $0.when
      }
  }
}
