/// One request to an outside server.
public struct HTTPClientRequest: Sendable {
  /// Whether a connection may be shared with earlier requests.
  public enum ConnectionUse: Sendable {
    /// A connection of its own, never kept. For sends: the request leaves at most once, whatever happens.
    case fresh
    /// A kept connection where there is one. When the server ended it at the same moment, the request is sent again
    /// on a new connection, whatever its method: only for requests that may be repeated.
    case reuse
  }

  public var method: String
  /// `http` or `https`. A name and password in it are sent as `Authorization: Basic`.
  public var url: String
  public var headers: [(String, String)]
  public var body: [UInt8]?
  /// For everything: finding the name, connecting, sending and reading the answer.
  public var timeout: Duration
  /// For finding the name, connecting and the TLS handshake.
  public var connectTimeout: Duration
  /// Largest answer that is read, in bytes.
  public var bodyBytesMax: Int
  public var connection: ConnectionUse
  /// The first byte must not leave later. Looked at right before it does, so that a process that was frozen since it
  /// decided to send does not send when it wakes.
  public var notAfter: ContinuousClock.Instant?
  /// Asks the server to close the connection, and reads the answer to where it does, so that bytes beyond the length that
  /// its head announced are seen: ``HTTPClientReply/lengthFault``. A server that keeps the connection open is waited for
  /// no longer than a second.
  public var readsToEnd: Bool
  /// An answer that is larger than ``bodyBytesMax`` is taken as far as that and its connection closed: for who wants to know
  /// the status. Without it such an answer is an error.
  public var cutsAnswer: Bool

  public init(
    method: String = "GET", url: String, headers: [(String, String)] = [], body: [UInt8]? = nil,
    timeout: Duration = .seconds(20), connectTimeout: Duration = .seconds(5), bodyBytesMax: Int = 1024 * 1024,
    connection: ConnectionUse = .fresh, notAfter: ContinuousClock.Instant? = nil, readsToEnd: Bool = false,
    cutsAnswer: Bool = false
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.connectTimeout = connectTimeout
    self.bodyBytesMax = bodyBytesMax
    self.connection = connection
    self.notAfter = notAfter
    self.readsToEnd = readsToEnd
    self.cutsAnswer = cutsAnswer
  }

  /// Forms that many requests have: what one asks of curl, beside its own values, is what all of its form ask.
  enum Form: Hashable {
    /// Questions, and most sends.
    case question
    /// Webhooks.
    case post
  }

  /// nil for any other.
  var form: Form? {
    switch (connection, method, body) {
    case (.fresh, "GET", nil) where readsToEnd: .question
    case (.reuse, "POST", .some) where !readsToEnd: .post
    default: nil
    }
  }
}
