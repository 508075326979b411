import EventLoop
import FoundationEssentials
import Redis

/// A job that no version of Sevk wrote, put into a queue behind the broker's back.
@LoopActor
struct JobGarbage {
  let name: String
  let queue: String
  let id: [UInt8]
  /// It names an order that may still come, so waiting for the next try is right.
  let mayWait: Bool

  private static let hugeBytes = 1024 * 1024

  /// Puts one job of every sort into each queue of orders, ready to be claimed.
  static func scatter(_ redis: RedisClient, pick: Int) async throws -> [JobGarbage] {
    var jobs: [JobGarbage] = []
    for queue in ["dispatch", "check"] {
      let huge = [UInt8](repeating: UInt8(ascii: "x"), count: hugeBytes)
      let absent = "00000000-0000-7000-8000-\(String(pick, radix: 16))"
      let sorts: [(name: String, id: [UInt8], record: [UInt8]?, mayWait: Bool)] = [
        ("bytes for a record", Array("garbage-bytes-\(pick)".utf8), [0xFF, 0x00, 0x80, 0x0A], false),
        ("an empty record", Array("garbage-empty-\(pick)".utf8), [], false),
        ("an unknown version", Array("garbage-version-\(pick)".utf8), Array("n9 \(queue) 0 0  ".utf8), false),
        ("an unknown kind", Array("garbage-kind-\(pick)".utf8), Array("n1 teleport 0 0  ".utf8), false),
        (
          "a count that overflows", Array("garbage-count-\(pick)".utf8),
          Array("n1 \(queue) 9223372036854775807 0  ".utf8), false
        ),
        ("no id of an order", Array("garbage-id-\(pick)".utf8), Array("n1 \(queue) 0 0  ".utf8), false),
        ("a huge payload", Array("garbage-huge-\(pick)".utf8), Array("n1 \(queue) 0 0  ".utf8) + huge, false),
        (
          "an id that is no text", [0xFF, 0xFE, UInt8(truncatingIfNeeded: pick)], Array("n1 \(queue) 0 0  ".utf8), false
        ),
        (
          "an order that is not there", Array((absent + String(repeating: "0", count: 36 - absent.count)).utf8),
          Array("n1 \(queue) 0 0  ".utf8), true
        ),
        ("an id without a record", Array("garbage-bare-\(pick)".utf8), nil, false),
      ]
      for sort in sorts {
        let base = "sevk:{\(queue)}:2:"
        if let record = sort.record {
          _ = try await redis.command("HSET", .string(base + "jobs"), .bytes(sort.id), .bytes(record))
        }
        // Before all others, so that it is claimed at once.
        _ = try await redis.command("ZADD", .string(base + "back"), 0, .bytes(sort.id))
        _ = try await redis.command("ZADD", .string(base + "wake"), 0, "1")
        jobs.append(JobGarbage(name: sort.name, queue: queue, id: sort.id, mayWait: sort.mayWait))
      }
    }
    return jobs
  }

  /// Where it is now.
  func end(_ redis: RedisClient) async throws -> Evidence.GarbageJob {
    let base = "sevk:{\(queue)}:2:"
    var job = Evidence.GarbageJob(name: name, queue: queue, state: "gone", mayWait: mayWait)
    for (state, key) in [("ready", "back"), ("delayed", "delayed"), ("dead", "dead")] {
      guard try await !redis.command("ZSCORE", .string(base + key), .bytes(id)).isNull else { continue }
      job.state = state
    }
    let tokens = try await redis.command("ZRANGE", .string(base + "leases"), 0, -1).array ?? []
    for token in tokens.compactMap(\.text) {
      let isHeld = try await redis.command("SISMEMBER", .string(base + "held:\(token)"), .bytes(id)).integer == 1
      if isHeld { job.state = "leased" }
    }
    return job
  }

  /// The key that has the reasons of dead jobs of a queue.
  nonisolated static func reasons(of queue: String) -> String { "sevk:{\(queue)}:2:reasons" }

  /// The ends of dead ones with the reasons that people are told; those that they are not told stay without.
  static func withReasons(
    _ ends: [(job: JobGarbage, end: Evidence.GarbageJob)], _ fleet: Fleet
  ) async throws -> [Evidence.GarbageJob] {
    struct Listed: Decodable {
      let id: String
      let detail: String?
    }
    var reasons: [String: String] = [:]
    for queue in Set(ends.map(\.end).filter { $0.state == "dead" }.map(\.queue)) {
      let list = try await fleet.command(
        "worker", ["job", "list", "--queue", queue, "--state", "dead", "--limit", "10000", "--json"])
      for job in try JSONDecoder().decode([Listed].self, from: Data(list.utf8)) {
        reasons["\(queue) \(job.id)"] = job.detail
      }
    }
    return ends.map { job, end in
      var end = end
      // As text, which is what people see of an id that is none.
      if end.state == "dead" { end.reason = reasons["\(job.queue) \(String(decoding: job.id, as: UTF8.self))"] }
      return end
    }
  }
}
