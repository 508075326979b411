public import Jobs
internal import Redis

extension RedisBroker {
  /// How many of each state there are, 1 when the queue is paused, how many records.
  func sums(of queue: QueueName) async throws -> [Int] {
    let reply = try await client.run(Scripts.counts, keys: keys(queue).arguments, arguments: [])
    return try Reply(reply).numbers(6).map { Int($0) }
  }

  /// Makes jobs ready that have a record and no place, because a key of the queue was deleted, and drops places without
  /// a record. Looks at all jobs, but only when something is amiss, and page by page, so that Redis goes on meanwhile.
  ///
  /// - Returns: how many had no place.
  @discardableResult
  public func mend(_ queue: QueueName) async throws -> Int {
    let sums = try await sums(of: queue)
    guard sums[5] != sums[0] + sums[1] + sums[2] + sums[3] else { return 0 }
    let keys = keys(queue)
    let seen = try await inLines(keys)
    var mended = 0
    var next = "0"
    repeat {
      let page = try Reply(
        try await client.run(
          Scripts.unplaced, keys: keys.arguments, arguments: [.string(next), .integer(Int64(Self.jobsPerScriptMax))])
      ).texts()
      next = page.first ?? "0"
      let lost = page.dropFirst().filter { !seen.contains($0.hashValue) }
      // Jobs move while this looks: what seems to have no place is looked for again, all at once.
      let reply = try await client.run(Scripts.mend, keys: keys.arguments, arguments: lost.map { .string($0) })
      mended += Int(reply.integer ?? 0)
      try Task.checkCancellation()
    } while next != "0"
    // What stands in a line or is held goes away by itself.
    for set in ["back", "delayed", "dead"] {
      var next = "0"
      repeat {
        let reply = try await client.run(
          Scripts.dropBare, keys: keys.arguments,
          arguments: [.string(set), .string(next), .integer(Int64(Self.jobsPerScriptMax))])
        next = reply.text ?? "0"
        try Task.checkCancellation()
      } while next != "0"
    }
    return mended
  }

  /// The hashes of the ids in all lines, which are smaller than the ids.
  private func inLines(_ keys: Keys) async throws -> Set<Int> {
    var seen: Set<Int> = []
    for priority in JobPriority.allCases {
      let lines = try Reply(try await client.command("LRANGE", keys.flows(priority), 0, -1)).texts()
      for line in lines {
        var start: Int64 = 0
        while true {
          let ids = try Reply(
            try await client.command(
              "LRANGE", keys.ready(line), .integer(start), .integer(start + Int64(Self.jobsPerScriptMax) - 1))
          ).texts()
          for id in ids { seen.insert(id.hashValue) }
          guard ids.count == Self.jobsPerScriptMax else { break }
          start += Int64(Self.jobsPerScriptMax)
        }
      }
    }
    return seen
  }

  /// Lets what programs of the first layout left expire, a day after this was first called. Those that still run find
  /// that it is gone, and have it rebuilt.
  public func forgetOldLayout(of queue: QueueName) async throws {
    for key in keys(queue).ofOldLayout {
      _ = try await client.command("EXPIRE", key, .integer(Self.oldLayoutKeptSeconds), "NX")
    }
  }
  private static let oldLayoutKeptSeconds: Int64 = 86_400
}

extension JobState {
  /// As scripts name it; nil for any other letter.
  init?(letter: UInt8) {
    switch letter {
    case UInt8(ascii: "r"): self = .ready
    case UInt8(ascii: "d"): self = .delayed
    case UInt8(ascii: "l"): self = .leased
    case UInt8(ascii: "x"): self = .dead
    default: return nil
    }
  }
}
