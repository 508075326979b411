/// Why there is no whole answer, and what that proves about the request.
public struct HTTPClientError: Error, CustomStringConvertible {
  /// How far the request can have come.
  public enum Reach: Sendable {
    /// Proved: not one byte of the request left. There never was a connection to send it on.
    case notSent
    /// The server may have it.
    case unknown
  }

  /// What failed, for programs.
  public enum Cause: Sendable {
    /// No address was found for the name.
    case name
    /// There was no connection, or none was allowed.
    case connection
    case tls
    case timeout
    /// The connection ended too early, or what came is no answer that can be taken.
    case answer
  }

  public let reach: Reach
  public let cause: Cause
  /// One line that names the server by host and port, never by URL or query: for ops.
  public var description: String { trouble.description }
  /// The same for those who may not know who the server is.
  public var words: String { trouble.words }
  private let trouble: HTTPTrouble
  /// Whether the server did what HTTP forbids, such as answering before it was asked.
  public let isProtocolFault: Bool
  /// From ``HTTPClient/perform(_:)`` to the failure.
  public let duration: Duration

  public init(
    reach: Reach, _ trouble: HTTPTrouble, cause: Cause = .connection, isProtocolFault: Bool = false,
    duration: Duration = .zero
  ) {
    self.reach = reach
    self.cause = cause
    self.trouble = trouble
    self.isProtocolFault = isProtocolFault
    self.duration = duration
  }
}
