import Jobs

extension BrokerConformance {
  /// What people do to a queue.
  static let inspection: [Case] = [
    Case("a paused queue gives out nothing and takes everything else") { bench in
      try await bench.add("a", "b")
      _ = try await bench.claim(1)
      try await bench.broker.setPaused(true, queue: bench.queue)
      try expect(try await bench.counts().isPaused, is: true)
      try expect(try await bench.claimIDs(), is: [])
      try expect(try await bench.add("c"), is: [.added])
      try expect(try await bench.settle("a", .complete), is: .settled)
      try await bench.broker.setPaused(false, queue: bench.queue)
      try expect(try await bench.claimIDs(), is: ["b", "c"])
      try expect(try await bench.counts().isPaused, is: false)
    },
    Case("the history counts every kind of move once") { bench in
      let begun = try await bench.broker.history(of: bench.queue, minutes: 1)
      try expect(begun.minutes, is: [])
      try await bench.add("a", "b", "c", "d")
      try expect(try await bench.add("a"), is: [.duplicate(.ready)])
      try await bench.add("e", delay: long)
      for id in try await bench.claimIDs() {
        let moves: [String: Settlement.Move] = [
          "a": .complete, "b": .delay(long, attempts: 0), "c": .delay(long, attempts: 1), "d": .bury(reason: "no"),
        ]
        try expect(try await bench.settle(id, moves[id] ?? .release), is: .settled)
      }
      // What is settled twice or by a stranger is not counted.
      try expect(try await bench.settle("a", .complete), is: .lost)
      try await bench.add("f")
      _ = try await bench.claim()
      try expect(try await bench.settle("f", .complete, token: "stranger"), is: .lost)
      try expect(try await bench.settle("f", .release), is: .settled)
      for crash in 1...2 {
        _ = try await bench.claim(1, lease: short)
        try await bench.advance(short)
        let promotion = try await bench.broker.promote(in: bench.queue, max: 10, crashesMax: 2)
        try expect(promotion.buried, is: crash - 1)
      }
      let history = try await bench.broker.history(of: bench.queue, minutes: QueueMinute.keptMax)
      var sum = QueueTally()
      for minute in history.minutes {
        try expect((begun.now...history.now).contains(minute.minute), "minute \(minute.minute)")
        sum += minute.tally
      }
      let wanted: [QueueTally.Move: Int] = [
        .enqueued: 6, .done: 1, .postponed: 1, .retried: 1, .released: 1, .lost: 1, .dead: 2,
      ]
      for move in QueueTally.Move.allCases { try expect(sum[move], is: wanted[move] ?? 0, move.rawValue) }
      try expect(sum.processed, is: 5)
    },
    Case("a buried job stays dead with its reason until it is revived") { bench in
      try await bench.add("a")
      _ = try await bench.claim()
      try expect(try await bench.settle("a", .bury(reason: "no such route: ü")), is: .settled)
      try expect(try await bench.claimIDs(), is: [])
      try await bench.advance(short)
      let found = try await bench.broker.find("a", in: bench.queue)
      try expect((found?.remaining ?? .zero) <= .zero - short, "it is known since when it is dead")
      let wanted = ListedJob(
        record: bench.job("a"), state: .dead, remaining: found?.remaining, detail: "no such route: ü")
      try expect(found, is: wanted)
      try expect(try await bench.broker.revive("a", in: bench.queue), is: true)
      try expect(try await bench.broker.revive("a", in: bench.queue), is: false)
      try expect(try await bench.broker.find("a", in: bench.queue)?.detail, is: "")
      try expect(try await bench.claimIDs(), is: ["a"])
    },
    Case("revives a delayed job, but no ready or leased one") { bench in
      try await bench.add("delayed", delay: long)
      try await bench.add("leased", priority: .high)
      try await bench.add("ready")
      try expect(try await bench.claimIDs(1), is: ["leased"])
      try expect(try await bench.broker.revive("delayed", in: bench.queue), is: true)
      try expect(try await bench.broker.revive("leased", in: bench.queue), is: false)
      try expect(try await bench.broker.revive("ready", in: bench.queue), is: false)
      try expect(try await bench.claimIDs(), is: ["ready", "delayed"])
    },
    Case("deletes in every state but leased") { bench in
      try await bench.add("leased", "dead")
      _ = try await bench.claim()
      _ = try await bench.settle("dead", .bury(reason: "no"))
      try await bench.add("ready")
      try await bench.add("delayed", delay: long)
      for (id, wanted) in [("ready", true), ("delayed", true), ("dead", true), ("leased", false)] {
        try expect(try await bench.broker.delete(id, in: bench.queue), is: wanted, id)
        try expect(try await bench.state(id) == nil, is: wanted, id)
      }
      try expect(try await bench.settle("leased", .complete), is: .settled)
      let counts = try await bench.counts()
      try expect(counts, is: QueueCounts(ready: 0, leased: 0, delayed: 0, dead: 0, isPaused: false))
      try expect(try await bench.add("ready", "delayed", "dead"), is: [.added, .added, .added])
    },
    Case("lists each state in order, page by page") { bench in
      try await bench.add("x", "y", "z")
      _ = try await bench.claim(token: "a token with spaces")
      for id in ["x", "y"] {
        _ = try await bench.settle(id, .bury(reason: "because of \(id)"), token: "a token with spaces")
        try await bench.advance(.milliseconds(2))
      }
      try await bench.add("n1", "n2", "n3")
      try await bench.add("h1", priority: .high)
      try await bench.add("late", delay: long)
      try await bench.add("soon", delay: long / 2)

      func ids(_ state: JobState, _ offset: Int = 0, _ limit: Int = 10) async throws -> [String] {
        try await bench.broker.list(state, in: bench.queue, offset: offset, limit: limit).map(\.record.id)
      }
      try expect(try await ids(.ready), is: ["h1", "n1", "n2", "n3"])
      try expect(try await ids(.ready, 1, 2), is: ["n1", "n2"])
      try expect(try await ids(.ready, 4), is: [])
      try expect(try await ids(.ready, 0, 0), is: [])
      try expect(try await ids(.delayed), is: ["soon", "late"])
      try expect(try await ids(.dead), is: ["y", "x"])
      let leased = try await bench.broker.list(.leased, in: bench.queue, offset: 0, limit: 10)
      try expect(leased.map(\.record.id), is: ["z"])
      try expect(leased.map(\.detail), is: ["a token with spaces"])
      try expect((leased[0].remaining ?? .zero) > .seconds(60), "the lease lasts")
    },
  ]

  /// Waiting without polling: these cases await a wake-up, and would hang or take the whole limit without it.
  static let waiting: [Case] = [
    Case("what was enqueued before wakes at once") { bench in
      try await bench.add("a")
      try await bench.broker.waitForReady(in: bench.queue, limit: long)
    },
    Case("a waiter is woken by each way to ready") { bench in
      try await bench.broker.waitForReady(in: bench.queue, limit: .milliseconds(1))
      try await woken(bench, "enqueue") { try await bench.add("a") }
      _ = try await bench.claim()
      try await woken(bench, "release") { _ = try await bench.settle("a", .release) }
      _ = try await bench.claim()
      _ = try await bench.settle("a", .bury(reason: "no"))
      try await woken(bench, "revive") { _ = try await bench.broker.revive("a", in: bench.queue) }
      _ = try await bench.claim(lease: short)
      try await bench.advance(short)
      try await woken(bench, "reap") { _ = try await bench.promote() }
      _ = try await bench.claim()
      _ = try await bench.settle("a", .delay(short, attempts: 0))
      try await bench.advance(short)
      try await woken(bench, "promote") { _ = try await bench.promote() }
      try await bench.broker.setPaused(true, queue: bench.queue)
      try await woken(bench, "unpause") { try await bench.broker.setPaused(false, queue: bench.queue) }
    },
    Case("a claim that leaves something wakes the next waiter") { bench in
      try await bench.add("a", "b")
      try await bench.broker.waitForReady(in: bench.queue, limit: long)
      _ = try await bench.claim(1)
      try await bench.broker.waitForReady(in: bench.queue, limit: long)
      _ = try await bench.claim(1)
    },
    Case("an earlier due time wakes, a later one does not") { bench in
      try await bench.add("a", delay: long)
      try await bench.broker.waitForEarlierDue(in: bench.queue, limit: long)
      try await bench.add("later", delay: long * 2)
      try await bench.broker.waitForEarlierDue(in: bench.queue, limit: short)
      async let waiting: Void = bench.broker.waitForEarlierDue(in: bench.queue, limit: long)
      try await bench.add("earlier", delay: long / 2)
      try await waiting
      try await bench.add("b")
      _ = try await bench.claim()
      async let again: Void = bench.broker.waitForEarlierDue(in: bench.queue, limit: long)
      _ = try await bench.settle("b", .delay(long / 4, attempts: 1))
      try await again
    },
    Case("a wait ends when its task is cancelled") { bench in
      let task = Task { try await bench.broker.waitForReady(in: bench.queue, limit: long) }
      task.cancel()
      do {
        try await task.value
        throw Failure(description: "a cancelled wait must throw")
      } catch is CancellationError {}
      try await bench.add("a")
      try await bench.broker.waitForReady(in: bench.queue, limit: long)
    },
  ]

  private static func woken(_ bench: Bench, _ how: String, _ wake: @Sendable () async throws -> Void) async throws {
    let clock = ContinuousClock()
    let start = clock.now
    async let waiting: Void = bench.broker.waitForReady(in: bench.queue, limit: long)
    try await wake()
    try await waiting
    // Not a measurement: only the limit itself is that long.
    try expect(clock.now - start < long / 2, "\(how) did not wake the waiter")
  }
}
