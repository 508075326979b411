public import EventLoop
internal import Cipher
public import Redis

/// Tickets for those who can't send a header, as a browser that opens a WebSocket: each opens one connection, in the name of
/// the token that it was asked for with, soon after or never.
@LoopActor
public struct Tickets {
  public static let secondsMax = 30
  private static let prefix = "sevk:ticket:"
  private static let randomBytes = 32

  /// Taken and gone, whoever asks at the same time.
  private static let redeem = RedisScript(
    Array("local token = redis.call('GET', KEYS[1]) if token then redis.call('DEL', KEYS[1]) end return token".utf8))

  private let redis: RedisClient

  public init(redis: RedisClient) { self.redis = redis }

  /// A new ticket.
  ///
  /// - Parameter tokenHash: the SHA-256 of the token.
  public func make(tokenHash: [UInt8]) async throws(RedisError) -> String {
    let ticket = Hexadecimal.encode(RandomBytes.make(Self.randomBytes))
    _ = try await redis.command(
      "SET", Self.key(ticket), .string(Hexadecimal.encode(tokenHash)), "EX", .integer(Int64(Self.secondsMax)))
    return ticket
  }

  /// The SHA-256 of the token that a ticket was made with; nil when it is unknown, used or too old.
  public func redeem(_ ticket: String) async throws(RedisError) -> [UInt8]? {
    try await redis.run(Self.redeem, keys: [Self.key(ticket)], arguments: []).text.flatMap { Hexadecimal.decode($0) }
  }

  /// Redis keeps no ticket that would open anything.
  private static func key(_ ticket: String) -> RedisArgument {
    .string(prefix + Hexadecimal.encode(Digest.sha256(ticket.utf8)))
  }
}
