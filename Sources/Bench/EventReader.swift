import EventLoop
import Glibc
import Redis

/// Counts the entries of a stream that hold a mark, as a subscriber that only wants to know.
@LoopActor
final class EventReader {
  private static let batchMax: Int64 = 2000

  private let redis: RedisClient
  private let stream: String
  /// Ends with a zero, for strstr: the events are read on the machine that is measured.
  private let mark: [UInt8]
  private var position = "0"
  /// When each entry with the mark was added, in milliseconds of Redis' clock.
  private(set) var times: [Int64] = []
  var count: Int { times.count }
  var lastMilliseconds: Int64 { times.last ?? 0 }

  init(_ redis: RedisClient, stream: String, mark: String) {
    self.redis = redis
    self.stream = stream
    self.mark = Array(mark.utf8) + [0]
  }

  /// Counts only what comes from now on.
  func skip() async throws {
    let last = try await redis.command("XREVRANGE", .string(stream), "+", "-", "COUNT", 1)
    position = last.array?.first?.array?.first?.text ?? "0"
  }

  /// Reads what is new.
  func read() async throws {
    while true {
      let reply = try await redis.command(
        "XREAD", "COUNT", .integer(Self.batchMax), "STREAMS", .string(stream), .string(position))
      let entries = reply.array?.first?.array?.last?.array ?? []
      for entry in entries {
        guard let id = entry.array?.first?.text, let fields = entry.array?.last?.array else { continue }
        position = id
        guard fields.contains(where: { holdsMark($0.bytes ?? []) }) else { continue }
        times.append(Int64(id.prefix { $0 != "-" }) ?? 0)
      }
      if entries.count < Int(Self.batchMax) { return }
    }
  }

  private func holdsMark(_ bytes: [UInt8]) -> Bool {
    (bytes + [0]).withUnsafeBytes { bytes in
      mark.withUnsafeBytes { mark in
        guard let bytes = bytes.baseAddress, let mark = mark.baseAddress else { return false }
        return strstr(bytes.assumingMemoryBound(to: CChar.self), mark.assumingMemoryBound(to: CChar.self)) != nil
      }
    }
  }

  /// Milliseconds of Redis' clock.
  static func now(_ redis: RedisClient) async throws -> Int64 {
    let parts = try await redis.command("TIME").array ?? []
    return (parts.first?.integer ?? 0) * 1000 + (parts.last?.integer ?? 0) / 1000
  }
}
