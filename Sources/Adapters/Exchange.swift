/// What happened on the wire, redacted, for the order's timeline.
public struct Exchange: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable { case send, query, probe, catalog }

  /// Longer replies are cut: the rest is some web page.
  public static let replyBytesMax = 4096

  public var kind: Kind
  /// Method, path and query, without secrets.
  public var request: String
  /// The HTTP status; nil when there was no reply.
  public var status: Int?
  /// Redacted, and cut to ``replyBytesMax``.
  public var reply: [UInt8]
  /// Why there was no reply.
  public var error: String?
  /// How long it took.
  public var duration: Duration

  public init(
    kind: Kind, request: String, status: Int?, reply: [UInt8], error: String?, duration: Duration
  ) {
    self.kind = kind
    self.request = request
    self.status = status
    self.reply = Array(reply.prefix(Self.replyBytesMax))
    self.error = error
    self.duration = duration
  }
}
