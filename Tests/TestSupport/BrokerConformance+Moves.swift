import Jobs

extension BrokerConformance {
  /// The moves of a job whose worker lives.
  static let moves: [Case] = [
    Case("gives out by priority, then age") { bench in
      try await bench.add("low1", priority: .low)
      try await bench.add("normal1", "normal2")
      try await bench.add("high1", priority: .high)
      try await bench.add("normal3")
      try await bench.add("high2", priority: .high)
      try expect(try await bench.claimIDs(4), is: ["high1", "high2", "normal1", "normal2"])
      try expect(try await bench.claimIDs(), is: ["normal3", "low1"])
      try expect(try await bench.claimIDs(), is: [])
    },
    Case("keeps every field of a job") { bench in
      var record = bench.job("one", .high, payload: "a payload with spaces \u{0} and zeros")
      record.flow = "7/ğ"
      record.attempts = 3
      record.enqueuedAt = 1_700_000_000_123
      _ = try await bench.broker.enqueue([NewJob(record)], to: bench.queue)
      try expect(try await bench.claim(), is: [record])
    },
    Case("refuses a duplicate in each state and says which") { bench in
      try await bench.add("leased", "dead")
      _ = try await bench.claim()
      try expect(try await bench.settle("dead", .bury(reason: "no")), is: .settled)
      try await bench.add("ready")
      try await bench.add("delayed", delay: long)
      let again = try await bench.add("ready", "leased", "delayed", "dead", "new", "new")
      try expect(
        again,
        is: [
          .duplicate(.ready), .duplicate(.leased), .duplicate(.delayed), .duplicate(.dead), .added, .duplicate(.ready),
        ])
      let counts = try await bench.counts()
      try expect(counts, is: QueueCounts(ready: 2, leased: 1, delayed: 1, dead: 1, isPaused: false))
    },
    Case("a completed job is gone and its id free") { bench in
      try await bench.add("a")
      _ = try await bench.claim()
      try expect(try await bench.settle("a", .complete), is: .settled)
      try expect(try await bench.state("a"), is: nil)
      try expect(try await bench.settle("a", .complete), is: .lost)
      try expect(try await bench.add("a"), is: [.added])
    },
    Case("a delayed job is not given out before it is due") { bench in
      // In one call, so that they count from the same moment.
      _ = try await bench.broker.enqueue(
        [NewJob(bench.job("b"), delay: short * 2), NewJob(bench.job("a"), delay: short)], to: bench.queue)
      try await bench.add("never", delay: long)
      try expect(try await bench.claimIDs(), is: [])
      try await bench.advance(short * 2)
      let promotion = try await bench.promote()
      try expect(promotion.promoted, is: 2)
      try expect(
        (promotion.next ?? .zero) > short * 3, "the third is due much later, not in \(promotion.next ?? .zero)")
      try expect(try await bench.claimIDs(), is: ["a", "b"], "in the order in which they were due")
      try expect(try await bench.state("never"), is: .delayed)
    },
    Case("a promotion takes at most what it may and says that more is due") { bench in
      try await bench.add("a", "b", "c", delay: short)
      try await bench.advance(short)
      var first = try await bench.promote(max: 2)
      try expect((first.lateness ?? .seconds(-1)) >= .zero, "it says how late it was")
      first.lateness = nil
      try expect(first, is: Promotion(promoted: 2, reaped: 0, buried: 0, next: .zero))
      var second = try await bench.promote(max: 2)
      try expect((second.lateness ?? .seconds(-1)) >= .zero, "it says how late it was")
      second.lateness = nil
      try expect(second, is: Promotion(promoted: 1, reaped: 0, buried: 0, next: nil))
    },
    Case("next is when the first delayed job is due or the first lease ends") { bench in
      try expect(try await bench.promote().next, is: nil)
      try await bench.add("a", delay: long)
      try await bench.add("b")
      let due = try await bench.promote().next ?? .zero
      try expect(due > long - .seconds(60) && due <= long, "\(due)")
      _ = try await bench.claim(lease: long / 2)
      let lease = try await bench.promote().next ?? .zero
      try expect(lease > long / 2 - .seconds(60) && lease <= long / 2, "\(lease)")
    },
    Case("retry writes the attempts into the record") { bench in
      try await bench.add("a")
      _ = try await bench.claim()
      try expect(try await bench.settle("a", .delay(short, attempts: 4)), is: .settled)
      try expect(try await bench.claimIDs(), is: [])
      try await bench.advance(short)
      try expect(try await bench.promote().promoted, is: 1)
      try expect(try await bench.claim().map(\.attempts), is: [4])
    },
    Case("what is delayed comes back with its new payload") { bench in
      try await bench.add("a")
      var record = try await bench.claim()[0]
      record.payload = Array("w1 0 down@3:12+50 -".utf8)
      let settled = HeldSettlement(Settlement(record, .delay(short, attempts: 0)), token: "one")
      try expect(try await bench.broker.settle([settled], in: bench.queue), is: [.settled])
      try await bench.advance(short)
      try expect(try await bench.promote().promoted, is: 1)
      try expect(try await bench.claim().map(\.payload), is: [record.payload])
    },
    Case("release puts a job back in its place and spends no attempt") { bench in
      try await bench.add("a", "b", "c")
      try expect(try await bench.claimIDs(2), is: ["a", "b"])
      try expect(try await bench.settle("b", .release), is: .settled)
      try expect(try await bench.settle("a", .release), is: .settled)
      let again = try await bench.claim(token: "two")
      try expect(again.map(\.id), is: ["a", "b", "c"])
      try expect(again.map(\.attempts), is: [0, 0, 0])
      try expect(try await bench.settle("a", .complete), is: .lost, "the first owner gave it up")
      try expect(try await bench.settle("a", .complete, token: "two"), is: .settled)
    },
    Case("settles a mixture in the order given") { bench in
      try await bench.add("a", "b", "c", "d")
      _ = try await bench.claim()
      let moves: [(String, Settlement.Move)] = [
        ("d", .bury(reason: "why")), ("missing", .complete), ("a", .complete), ("b", .delay(long, attempts: 1)),
        ("c", .release), ("a", .complete),
      ]
      let results = try await bench.broker.settle(
        moves.map { Settlement(bench.job($0), $1) }, in: bench.queue, token: "one")
      try expect(results, is: [.settled, .lost, .settled, .settled, .settled, .lost])
      let counts = try await bench.counts()
      try expect(counts, is: QueueCounts(ready: 1, leased: 0, delayed: 1, dead: 1, isPaused: false))
    },
    Case("two tokens claim disjoint jobs") { bench in
      try await bench.add("a", "b", "c", "d")
      let one = try await bench.claimIDs(2, token: "one")
      let two = try await bench.claimIDs(3, token: "two")
      try expect(one + two, is: ["a", "b", "c", "d"])
      try expect(try await bench.settle("a", .complete, token: "two"), is: .lost)
      try expect(try await bench.state("a"), is: .leased)
    },
    Case("four claimers at once take each of 1,000 jobs exactly once") { bench in
      let ids = (0..<1000).map { "job-\($0)" }
      for start in stride(from: 0, to: 1000, by: 250) {
        let part = ids[start..<start + 250].map { NewJob(bench.job($0)) }
        try expect(
          try await bench.broker.enqueue(part, to: bench.queue).allSatisfy { $0 == .added }, "all are added")
      }
      let taken = try await withThrowingTaskGroup(of: [String].self) { group in
        for number in 0..<4 { group.addTask { try await drain(bench, token: "worker \(number)") } }
        var all: [String] = []
        for try await part in group { all += part }
        return all
      }
      try expect(taken.count, is: 1000)
      try expect(Set(taken), is: Set(ids))
      try expect(try await bench.counts().leased, is: 0)
    },
  ]

  private static func drain(_ bench: Bench, token: String) async throws -> [String] {
    var all: [String] = []
    while true {
      let jobs = try await bench.claim(7, token: token)
      if jobs.isEmpty { return all }
      let results = try await bench.broker.settle(
        jobs.map { Settlement($0, .complete) }, in: bench.queue, token: token)
      try expect(results.allSatisfy { $0 == .settled }, "who claimed a job may settle it")
      all += jobs.map(\.id)
    }
  }
}
