/// One question and answer on the wire with a provider, with secrets and PINs taken out: kept for the timeline.
public struct Exchange: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable { case send, query, probe, catalog }
  public var kind: Kind
  /// Method, path, query and body, secrets replaced.
  public var request: String
  /// The HTTP status; nil when no answer came.
  public var status: Int?
  /// The body as received, PIN replaced, cut to ``replyBytesMax``.
  public var reply: [UInt8]
  /// Why no answer came.
  public var error: String?
  public var duration: Duration
  /// The provider did what HTTP forbids: answered before it was asked, or another length than it announced.
  public var isProtocolFault = false
  /// The answer to a send may be about the account's money, so that the balance is worth a look. Not kept.
  public var mayBeAboutBalance = false
  /// No row of the provider's contract explains the answer. Not kept.
  public var isUnfamiliar = false

  /// One call asked about several orders, and this is not the first of them: it is counted there. Not kept.
  public var isCopy = false

  /// Statuses by which a server or a proxy before it finds fault with the request itself: its length, or what is in it.
  public static let statusesAboutRequest: Set<Int> = [400, 403, 404, 413, 414, 431]
  /// Whether the answer may be due to what this one order brought, and so says nothing about the next.
  public var isAboutRequest: Bool { status.map(Self.statusesAboutRequest.contains) ?? false }

  /// The HTTP method of the request.
  public var method: String { request.isEmpty ? "GET" : String(request.prefix { $0 != " " }) }

  /// Most bytes of a reply that are kept.
  public static let replyBytesMax = 4096

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
