/// What becomes of an order that its provider can't be asked about: the provider takes no reference of ours, and the answer that would
/// have named its own was lost. Asking by our reference would get an answer about nothing, and sending again may buy twice; so
/// it is a person's at once, with what to look for in the provider's list.
public enum Unaskable {
  /// When its send was under way, for people: `2026-11-29 22:40:01`, UTC.
  public struct Window: Sendable, Equatable {
    public var from: String
    public var to: String
    public init(from: String, to: String) { (self.from, self.to) = (from, to) }
  }

  /// - Parameter window: nil where it is not kept.
  public static func decide(_ order: Order, window: Window?) -> Decision {
    let said =
      if let witness = order.witness, witness.isAboutSend {
        "It said of the send: \(witness.words), which nothing can bear out"
      } else if order.status == .sent {
        "It accepted the send and named no number for it"
      } else {
        "Of the send: \(order.reason ?? "the answer was lost")"
      }
    let times = window.map { " from \($0.from) to \($0.to) UTC" } ?? ""
    let player = order.player.map { ", for \($0)" } ?? ""
    return .move(
      to: .held,
      Reason(
        .cannotBeAsked,
        "whether the provider has it can't be asked: it knows no reference of ours. \(said). Look at the provider's list of"
          + " orders\(times) (its clock may be another) for the product \(order.product), amount \(order.quantity)\(player)"
      ))
  }
}
