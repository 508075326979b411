/// How busy a ``RedisClient`` is.
public struct RedisLoad: Sendable {
  /// 1 when the connection that all commands share is open, else 0.
  public let commands: Int
  /// Connections in a command that blocks.
  public let waiting: Int
  /// Connections kept for the next command that blocks.
  public let idle: Int
  /// Commands on the shared connection that Redis is to answer.
  public let inFlight: Int
  /// Shared connections made so far.
  public let connectionsMade: Int
  /// Commands that failed so far; a script that Redis had to be sent in full is no failure.
  public let errorsTotal: Int
}
