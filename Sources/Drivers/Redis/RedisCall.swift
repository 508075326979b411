public import EventLoop

/// One command to a server of any kind, sentinels too, on a connection of its own.
@LoopActor
public enum RedisCall {
  /// - Parameter limit: for the connection, and for the answer.
  public static func run(_ command: [RedisArgument], at url: RedisURL, within limit: Duration = .seconds(2))
    async throws(RedisError) -> RedisValue
  {
    guard case .server(let address) = url.place else { throw RedisURL.invalid("it names no single server") }
    var target = RedisTarget(address, .unknown)
    (target.credentials, target.tls) = (url.credentials, url.tls)
    let connection = try await RedisConnection.open(target, connectTimeout: limit, commandTimeout: limit)
    defer { connection.close() }
    return try await connection.send(command)
  }
}
