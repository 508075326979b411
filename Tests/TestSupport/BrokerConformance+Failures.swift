import Jobs

extension BrokerConformance {
  /// The moves of a job whose worker died, and missing jobs.
  static let failures: [Case] = [
    Case("nothing is written after the lease ran out, even before it is reaped") { bench in
      try await bench.add("complete", "delay", "release", "bury", "postpone")
      _ = try await bench.claim(lease: short)
      try await bench.advance(short)
      let moves: [(String, Settlement.Move)] = [
        ("complete", .complete), ("delay", .delay(long, attempts: 9)), ("release", .release),
        ("bury", .bury(reason: "late")), ("postpone", .postpone(long)),
      ]
      for (id, move) in moves {
        try expect(try await bench.settle(id, move), is: .lost, id)
        try expect(try await bench.state(id), is: .leased, id)
      }
      try expect(try await bench.promote(), is: Promotion(promoted: 0, reaped: 5, buried: 0, next: nil))
    },
    Case("a lost job belongs to its second owner alone") { bench in
      try await bench.add("a")
      _ = try await bench.claim(token: "first", lease: short)
      try await bench.advance(short)
      try expect(try await bench.promote().reaped, is: 1)
      let second = try await bench.claim(token: "second")
      try expect(second.map(\.id), is: ["a"])
      try expect(second.map(\.attempts), is: [0], "a lost lease is no failed attempt")
      try expect(try await bench.settle("a", .complete, token: "first"), is: .lost)
      try expect(try await bench.settle("a", .complete, token: "second"), is: .settled)
    },
    Case("extending keeps a lease and names what is no longer held") { bench in
      try await bench.add("kept", "dropped")
      try expect(try await bench.claimIDs(1, lease: long / 10), is: ["kept"])
      try expect(try await bench.claimIDs(1, token: "two", lease: short), is: ["dropped"])
      let lost = try await bench.broker.extend(["kept", "missing"], in: bench.queue, token: "one", lease: long)
      try expect(lost, is: ["missing"])
      let remaining = try await bench.broker.find("kept", in: bench.queue)?.remaining ?? .zero
      try expect(remaining > long / 2, "prolonged, not \(remaining)")
      let other = try await bench.broker.extend(["kept"], in: bench.queue, token: "other", lease: long)
      try expect(other, is: ["kept"], "another token holds nothing")
      try await bench.advance(short)
      let late = try await bench.broker.extend(["dropped"], in: bench.queue, token: "two", lease: long)
      try expect(late, is: ["dropped"], "a lease that ran out is not revived")
      try expect(try await bench.promote().reaped, is: 1)
      try expect(try await bench.settle("kept", .complete), is: .settled)
      try expect(try await bench.state("dropped"), is: .ready)
    },
    Case("what a holder does not name when it extends goes back to its place, and loses no lease") { bench in
      try await bench.add("a", "b", "c", "d")
      try expect(try await bench.claimIDs(3), is: ["a", "b", "c"])
      let lost = try await bench.broker.extend(["b"], in: bench.queue, token: "one", lease: long)
      try expect(lost, is: [])
      try expect(try await bench.settle("a", .complete), is: .lost)
      let claim = try await bench.broker.claim(9, from: bench.queue, token: "two", lease: long)
      try expect(claim.jobs.map(\.id), is: ["a", "c", "d"])
      try expect(claim.crashes, is: [:])
      try expect(try await bench.settle("b", .complete), is: .settled)
      try expect(try await bench.settle("c", .complete, token: "two"), is: .settled)
    },
    Case("all that a token holds is under one lease, which the last word sets") { bench in
      try await bench.add("a", "b", "c")
      try expect(try await bench.claimIDs(1, lease: long), is: ["a"])
      try expect(try await bench.claimIDs(1, lease: short), is: ["b"])
      try await bench.advance(short)
      try expect(try await bench.claimIDs(), is: [], "nothing is given to who lost a lease until that is seen to")
      try expect(try await bench.state("c"), is: .ready)
      try expect(try await bench.promote().reaped, is: 2)
      try expect(try await bench.claimIDs(), is: ["a", "b", "c"])
    },
    Case("reaped jobs stand before the others of their flow, in their old order") { bench in
      try await bench.add("a", "b", "c", "d", "e")
      try expect(try await bench.claimIDs(1, token: "first"), is: ["a"])
      try expect(try await bench.claimIDs(3, token: "second"), is: ["b", "c", "d"])
      try expect(try await bench.settle("c", .complete, token: "second"), is: .settled)
      _ = try await bench.broker.extend(["d", "b"], in: bench.queue, token: "second", lease: short)
      _ = try await bench.broker.extend(["a"], in: bench.queue, token: "first", lease: short * 2)
      try await bench.advance(short * 2)
      try expect(try await bench.promote().reaped, is: 3)
      try await bench.add("f")
      try expect(try await bench.claimIDs(), is: ["a", "b", "d", "e", "f"])
    },
    Case("a job that kills its workers is buried") { bench in
      try await bench.add("a")
      for crash in 1...2 {
        let claim = try await bench.broker.claim(9, from: bench.queue, token: "one", lease: short)
        try expect(claim.jobs.map(\.id), is: ["a"])
        try expect(claim.crashes, is: crash == 1 ? [:] : ["a": crash - 1], "who claims it is warned")
        try await bench.advance(short)
        try expect(try await bench.promote().reaped, is: 1, "crash \(crash)")
      }
      try expect(try await bench.claimIDs(lease: short), is: ["a"])
      try await bench.advance(short)
      try expect(try await bench.promote(), is: Promotion(promoted: 0, reaped: 0, buried: 1, next: nil))
      let dead = try await bench.broker.list(.dead, in: bench.queue, offset: 0, limit: 10)
      try expect(dead.map(\.record.id), is: ["a"])
      try expect(dead.map(\.detail), is: ["its worker died 3 times while running it"])
      try expect(dead.map(\.workersDied), is: [3])
      // Revived, it has its three chances again.
      try expect(try await bench.broker.revive("a", in: bench.queue), is: true)
      _ = try await bench.claim(lease: short)
      try await bench.advance(short)
      try expect(try await bench.promote().reaped, is: 1)
    },
    Case("only the jobs that lost leases are said to have lost them") { bench in
      try await bench.add("a", "b")
      _ = try await bench.claim(lease: short)
      try await bench.advance(short)
      try expect(try await bench.promote().reaped, is: 2)
      try await bench.add("c")
      let claim = try await bench.broker.claim(9, from: bench.queue, token: "one", lease: long)
      try expect(claim.jobs.map(\.id), is: ["a", "b", "c"])
      try expect(claim.crashes, is: ["a": 1, "b": 1])
      try expect(try await bench.settle("a", .release), is: .settled)
      try expect(try await bench.settle("b", .bury(reason: "its worker is fine")), is: .settled)
      let again = try await bench.broker.claim(9, from: bench.queue, token: "two", lease: long)
      try expect(again.crashes, is: ["a": 1], "being given back is neither a crash nor a cure")
      let dead = try await bench.broker.list(.dead, in: bench.queue, offset: 0, limit: 10)
      try expect(dead.map(\.workersDied), is: [nil])
    },
    Case("of several suspects one is given, alone, and to who runs nothing else") { bench in
      func claim(_ max: Int, _ token: String, isIdle: Bool = true, lease: Duration = long) async throws -> Claim {
        try await bench.broker.claim(max, from: bench.queue, token: token, lease: lease, runsNothingElse: isIdle)
      }
      try await bench.add("a", "b", "c")
      for _ in 1...DeadWorkers.suspicious {
        try expect(try await bench.claimIDs(lease: short), is: ["a", "b", "c"])
        try await bench.advance(short)
        try expect(try await bench.promote().reaped, is: 3)
      }
      try await bench.add("d", "e")
      let busy = try await claim(4, "busy", isIdle: false)
      try expect(busy.jobs.map(\.id), is: ["d"])
      try expect(busy.suspectsLeft, is: 3)
      let none = try await claim(3, "busy too", isIdle: false)
      try expect(none.jobs.map(\.id), is: [])
      try expect(none.suspectsLeft, is: 3)
      let first = try await claim(9, "first", lease: short)
      try expect(first.jobs.map(\.id), is: ["a"])
      try expect(first.crashes, is: ["a": 2])
      try expect(first.suspectsLeft, is: 2)
      let holder = try await claim(9, "busy")
      try expect(holder.jobs.map(\.id), is: ["e"], "a token that holds something gets no suspect")
      let second = try await claim(9, "second")
      try expect(second.jobs.map(\.id), is: ["b"])
      try expect(second.suspectsLeft, is: 1)
      // Only who runs it pays for its death.
      try await bench.advance(short)
      let promotion = try await bench.promote()
      try expect(promotion.buried, is: 1)
      try expect(promotion.reaped, is: 0)
      try expect(try await bench.state("a"), is: .dead)
      try expect(try await bench.settle("b", .complete, token: "second"), is: .settled)
      try expect(try await bench.settle("d", .complete, token: "busy"), is: .settled)
      let last = try await claim(9, "last")
      try expect(last.jobs.map(\.id), is: ["c"])
      try expect(last.crashes, is: ["c": 2], "what was left out was charged with nothing")
      try expect(last.suspectsLeft, is: 0)
      try expect(try await bench.settle("c", .complete, token: "last"), is: .settled)
      try expect(try await bench.settle("e", .complete, token: "busy"), is: .settled)
    },
    Case("suspects that were left out keep their places") { bench in
      try await bench.add("a", "b", "c", "d")
      for _ in 1...DeadWorkers.suspicious {
        try expect(try await bench.claimIDs(3, lease: short), is: ["a", "b", "c"])
        try await bench.advance(short)
        try expect(try await bench.promote().reaped, is: 3)
      }
      _ = try await bench.broker.claim(9, from: bench.queue, token: "busy", lease: short, runsNothingElse: false)
      let ready = try await bench.broker.list(.ready, in: bench.queue, offset: 0, limit: 9)
      try expect(ready.map(\.record.id), is: ["a", "b", "c"])
      try expect(try await bench.counts(), is: QueueCounts(ready: 3, leased: 1, delayed: 0, dead: 0, isPaused: false))
      for id in ["a", "b", "c"] {
        try expect(try await bench.claimIDs(token: id), is: [id])
        try expect(try await bench.settle(id, .complete, token: id), is: .settled)
      }
    },
    Case("whoever gives a job back after a run ends the suspicion, and nobody else") { bench in
      for (move, crashes) in [
        (Settlement.Move.delay(.zero, attempts: 0), [:]), (.delay(.zero, attempts: 1), [:]),
        (.postpone(.zero), ["a": 1]), (.release, ["a": 1]),
      ] {
        try await bench.add("a")
        _ = try await bench.claim(lease: short)
        try await bench.advance(short)
        try expect(try await bench.promote().reaped, is: 1)
        _ = try await bench.claim()
        try expect(try await bench.settle("a", move), is: .settled)
        _ = try await bench.promote()
        let claim = try await bench.broker.claim(9, from: bench.queue, token: "two", lease: long)
        try expect(claim.jobs.map(\.id), is: ["a"])
        try expect(claim.crashes, is: crashes, "\(move)")
        try expect(try await bench.settle("a", .complete, token: "two"), is: .settled)
      }
    },
    Case("completing forgets crashes") { bench in
      try await bench.add("a")
      _ = try await bench.claim(lease: short)
      try await bench.advance(short)
      try expect(try await bench.promote(crashesMax: 2).reaped, is: 1)
      _ = try await bench.claim()
      try expect(try await bench.settle("a", .complete), is: .settled)
      try await bench.add("a")
      _ = try await bench.claim(lease: short)
      try await bench.advance(short)
      try expect(try await bench.promote(crashesMax: 2), is: Promotion(promoted: 0, reaped: 1, buried: 0, next: nil))
    },
    Case("what is not there is said to be not there") { bench in
      let move: [Settlement.Move] = [
        .complete, .delay(short, attempts: 1), .postpone(short), .release, .bury(reason: "no"),
      ]
      for move in move { try expect(try await bench.settle("missing", move), is: .lost, "\(move)") }
      try expect(try await bench.state("missing"), is: nil)
      try expect(try await bench.broker.revive("missing", in: bench.queue), is: false)
      try expect(try await bench.broker.delete("missing", in: bench.queue), is: false)
      try expect(
        try await bench.broker.extend(["missing"], in: bench.queue, token: "one", lease: long), is: ["missing"])
      try expect(try await bench.promote(), is: Promotion(promoted: 0, reaped: 0, buried: 0, next: nil))
      let counts = try await bench.counts()
      try expect(counts, is: QueueCounts(ready: 0, leased: 0, delayed: 0, dead: 0, isPaused: false))
    },
    Case("refuses a payload over the limit, and with it the whole call") { bench in
      let large = JobRecord(
        id: "large", kind: "test", payload: [UInt8](repeating: 65, count: JobRecord.payloadBytesMax + 1))
      do {
        _ = try await bench.broker.enqueue([NewJob(bench.job("small")), NewJob(large)], to: bench.queue)
        throw Failure(description: "a payload over the limit was taken")
      } catch is MalformedPayload {}
      try expect(try await bench.state("small"), is: nil)
    },
    Case("refuses a flow that could be taken for something else, and with it the whole call") { bench in
      for flow in ["with a space", String(repeating: "x", count: JobRecord.flowBytesMax + 1)] {
        do {
          _ = try await bench.broker.enqueue(
            [NewJob(bench.job("small")), NewJob(JobRecord(id: "odd", kind: "test", flow: flow))], to: bench.queue)
          throw Failure(description: "the flow \(flow) was taken")
        } catch is MalformedPayload {}
      }
      try expect(try await bench.state("small"), is: nil)
    },
  ]
}
