import CommandLine
import Orders
public import Store

/// What people did to an order, in its story.
public enum AuditText {
  public static func line(_ audit: Audit) -> String {
    let (what, said) = words(audit)
    return ShownText.visible("\(TimelineText.time(audit.time))  \(what): \(said)")
  }

  /// Who did what, and what it led to with the note; without the time.
  public static func words(_ audit: Audit) -> (what: String, said: String) {
    let did =
      switch audit.choice {
      case .retry: "retried by \(audit.who)"
      case .cancel: "cancelled by \(audit.who)"
      case .received: "resolved by \(audit.who) as received"
      case .notReceived: "resolved by \(audit.who) as not received"
      case .completed: "resolved by \(audit.who) as completed"
      case .failed: "resolved by \(audit.who) as failed"
      case nil where audit.isRefundClaim: "refund claimed by \(audit.who)"
      case nil where audit.stockMove == .available: "code put back by \(audit.who)"
      case nil where audit.stockMove == .writtenOff: "code written off by \(audit.who)"
      case nil where audit.otherName == Audit.askName: "the provider asked for \(audit.who)"
      case nil where audit.otherName == Audit.secondWantedName:
        "\(audit.who) wants it sent again, which takes a second person"
      case nil: "moved by \(audit.who)"
      }
    let moved = audit.from == audit.to ? audit.to : "\(audit.from) → \(audit.to)"
    return (did, "\(moved); \(audit.note)")
  }

  public static func json(_ audit: Audit) -> String {
    JSONText.object([
      "time": JSONText.quote(audit.time),
      "what":
        (audit.isRefundClaim
        ? "refund_claim" : audit.choice?.rawValue ?? audit.stockMove?.auditName ?? audit.otherName).map(JSONText.quote),
      "from": JSONText.quote(audit.from), "to": JSONText.quote(audit.to), "who": JSONText.quote(audit.who),
      "note": JSONText.quote(audit.note), "version": "\(audit.version)",
    ])
  }
}
