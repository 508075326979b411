/// What one answer says that would settle an order. It is kept until another answer bears it out, and nothing follows from
/// it before: one line may be cut, shifted onto another question, or the reply to a copy that a proxy made.
public struct Witness: Sendable, Equatable {
  public enum Kind: String, Sendable {
    /// Delivered, with this PIN or without one.
    case completed
    /// Cancelled, in these words.
    case cancelled
    /// The send was refused.
    case refused
    /// The send was turned away for the account's sake: login, permission, balance.
    case account
  }

  public var kind: Kind
  /// Keyed hash of what the second answer must repeat: the PIN, or the line. Empty for what was said of a send.
  public var fingerprint: [UInt8]
  /// What was said, without what may be a PIN.
  public var words: String
  /// Since it was first said, by the database's clock.
  public var age: Duration

  public init(_ kind: Kind, fingerprint: [UInt8] = [], words: String = "", age: Duration = .zero) {
    self.kind = kind
    self.fingerprint = fingerprint
    self.words = words
    self.age = age
  }

  /// Whether it is about the send, so that the provider is asked whether it has the reference all the same.
  public var isAboutSend: Bool { kind == .refused || kind == .account }
}
