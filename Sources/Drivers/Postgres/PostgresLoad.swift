/// How busy a ``PostgresPool`` is.
public struct PostgresLoad: Sendable {
  /// Connections without a call under way.
  public let idle: Int
  public let busy: Int
  /// Connections that are being opened.
  public let opening: Int
  /// Calls that wait for a connection.
  public let waiting: Int
  /// Calls that the server is to answer.
  public let inFlight: Int
  /// Calls that failed, so far, for a reason that is not theirs: see `PostgresError.isTransient`.
  public let errorsTotal: Int
}
