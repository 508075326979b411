import EventLoop
import Foundation
import Postgres
import Redis
import TestSupport
import Testing

/// Jobs out of reach are found, whatever stands before them.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct StrayTests {
  /// More than a scheduler once looked at in one go.
  private static let waitingCount = 2_001

  @Test func ordersThatWaitAtAPausedProviderHideNoStray() async throws {
    let sevk = try await Installation.make()
    try sevk.require("worker", ["provider", "pause", "panel", "--note", "for long"])
    // Long overdue, all of them, and the last by id is the one whose job is out of reach.
    try await sevk.script(
      """
      INSERT INTO orders (id, status, tenant_id, product, fields, priority, quantity, idempotency_key, request_hash,
                          due_at, created_at)
      SELECT ('0190b5c8-7e1a-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'pending', tenants.id, 'pubg-60',
             '{"player_id": "1", "phone": "2"}', 'normal', 1, 'key-' || n, sha256(n::text::bytea),
             now() - interval '1 hour', now() - interval '1 hour'
      FROM generate_series(1, \(Self.waitingCount + 1)) AS n, tenants;
      """)
    let redis = try sevk.redis.client()
    for number in 1...Self.waitingCount + 1 {
      let id = "0190b5c8-7e1a-7000-8000-" + String(repeating: "0", count: 12 - "\(number)".count) + "\(number)"
      // As the dispatcher leaves them: to look again in a while; the last one as a clock that stepped left it.
      let wait = number > Self.waitingCount ? 7200 : 300
      let due = Int64(Date().timeIntervalSince1970 + Double(wait)) * 1000
      _ = try await redis.command("HSET", "sevk:{dispatch}:2:jobs", .string(id), "n1 dispatch 0 0  ")
      _ = try await redis.command("ZADD", "sevk:{dispatch}:2:delayed", .integer(due), .string(id))
    }
    let stray = "0190b5c8-7e1a-7000-8000-00000000\(Self.waitingCount + 1)"
    #expect(try await redis.command("ZSCORE", "sevk:{dispatch}:2:delayed", .string(stray)).text != nil)
    try await sevk.start("scheduler")
    while try await redis.command("ZSCORE", "sevk:{dispatch}:2:delayed", .string(stray)).text != nil {
      try await EventLoop.sleep(for: .milliseconds(20))
    }
    #expect(
      try await redis.command("ZCARD", "sevk:{dispatch}:2:delayed").integer == Int64(Self.waitingCount),
      "those that wait are left alone")
    await redis.close()
    await sevk.stop()
  }
}
