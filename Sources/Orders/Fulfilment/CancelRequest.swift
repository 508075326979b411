/// Somebody wants an order cancelled that a partner has: the partner agrees or refuses.
public struct CancelRequest: Sendable, Equatable {
  public enum Asker: String, Sendable, CaseIterable {
    case shop, customer, support
  }

  public let by: Asker
  /// Who of them, such as the token's name; for people.
  public let who: String
  /// Why; empty where nobody said.
  public let note: String
  /// When, in milliseconds of Unix time; nil for one that is not written yet.
  public let at: Int64?

  public init(by asker: Asker, who: String, note: String = "", at: Int64? = nil) {
    by = asker
    self.who = who
    self.note = note
    self.at = at
  }
}
