import Jobs

extension BrokerConformance {
  /// Who is served when there is more than can be served.
  static let fairness: [Case] = [
    Case("flows take turns and each keeps its order") { bench in
      try await bench.add(["a1", "a2", "a3", "a4"], flow: "a")
      try await bench.add(["b1", "b2"], flow: "b")
      try await bench.add(["c1"], flow: "c")
      try expect(try await bench.claimIDs(3), is: ["a1", "b1", "c1"])
      try expect(try await bench.claimIDs(), is: ["a2", "b2", "a3", "a4"])
    },
    Case("a flood of 10,000 jobs does not delay another flow's job") { bench in
      for start in stride(from: 0, to: 10_000, by: 500) {
        try await bench.add((start..<start + 500).map { "flood \($0)" }, flow: "flood")
      }
      _ = try await bench.claim(100)
      try await bench.add(["other"], flow: "other")
      try expect(try await bench.claimIDs(2).contains("other"), "it is among the next two")
      try expect(try await bench.claimIDs(2), is: ["flood 101", "flood 102"])
    },
    Case("a flow that was away does not catch up on the turns it missed") { bench in
      try await bench.add((1...6).map { "a\($0)" }, flow: "a")
      _ = try await bench.claim(3)
      try await bench.add((1...4).map { "b\($0)" }, flow: "b")
      try expect(try await bench.claimIDs(), is: ["a4", "b1", "a5", "b2", "a6", "b3", "b4"])
    },
    Case("flows take turns when their jobs become due together") { bench in
      let jobs = ["a1", "a2", "a3", "b1"].map { id in
        NewJob(bench.job(id, flow: String(id.prefix(1))), delay: short)
      }
      _ = try await bench.broker.enqueue(jobs, to: bench.queue)
      try await bench.advance(short)
      try expect(try await bench.promote().promoted, is: 4)
      try expect(try await bench.claimIDs(2).contains("b1"), "its turn comes before a2")
    },
    Case("an old place given back does not turn the clock back") { bench in
      try await bench.add((1...9).map { "a\($0)" }, flow: "a")
      _ = try await bench.claim(8)
      try expect(try await bench.settle("a1", .release), is: .settled)
      try expect(try await bench.claimIDs(1), is: ["a1"])
      try await bench.add(["b1", "b2", "b3"], flow: "b")
      try expect(try await bench.claimIDs(), is: ["a9", "b1", "b2", "b3"])
    },
    Case("an old place given back sets no clock after everybody was served") { bench in
      try await bench.add(["x1", "x2"], flow: "a", priority: .high)
      _ = try await bench.claim()
      try await bench.add(["n1"], flow: "a")
      try expect(try await bench.settle("x1", .release), is: .settled)
      try expect(try await bench.claimIDs(1), is: ["x1"])
      try await bench.add(["c3"], flow: "a", priority: .high)
      try expect(try await bench.settle("x2", .release), is: .settled)
      try expect(try await bench.claimIDs(), is: ["x2", "c3", "n1"])
    },
    Case("high priority overtakes, but one job in sixteen is the first of each lower band") { bench in
      try await bench.add((1...3).map { "low\($0)" }, flow: "", priority: .low)
      try await bench.add((1...3).map { "normal\($0)" }, flow: "")
      try await bench.add((10..<60).map { "high\($0)" }, flow: "", priority: .high)
      var taken: [String] = []
      for _ in 0..<32 { taken += try await bench.claimIDs(1) }
      try expect(taken.filter { !$0.hasPrefix("high") }, is: ["normal1", "low1", "normal2", "low2"])
      try expect(taken.firstIndex(of: "normal1"), is: 7)
      try expect(taken.firstIndex(of: "low1"), is: 15)
      let more = try await bench.claimIDs(16)
      try expect(more, is: (38..<52).map { "high\($0)" } + ["normal3", "low3"])
      try expect(try await bench.claimIDs(), is: (52..<60).map { "high\($0)" })
    },
    Case("who becomes idle for a suspect gets it, however much of a higher priority waits") { bench in
      for priority in [JobPriority.normal, .low] {
        try await bench.add(["suspect"], flow: "", priority: priority)
        for _ in 1...DeadWorkers.suspicious {
          try expect(try await bench.claimIDs(lease: short), is: ["suspect"])
          try await bench.advance(short)
          try expect(try await bench.promote().reaped, is: 1)
        }
        try await bench.add((1...60).map { "high\($0)" }, flow: "", priority: .high)
        var found = [String](), claims = 0
        while found.isEmpty {
          claims += 1
          // Half of what a worker has room for, as long as it finds no suspect.
          let busy = try await bench.broker.claim(
            4, from: bench.queue, token: "busy \(claims)", lease: long, runsNothingElse: false)
          for job in busy.jobs {
            try expect(job.priority, is: .high)
            try expect(try await bench.settle(job.id, .complete, token: "busy \(claims)"), is: .settled)
          }
          try expect(busy.suspectsLeft > 0 || !busy.jobs.isEmpty, "everything was given but the suspect")
          if busy.suspectsLeft > 0 { found = try await bench.claimIDs(1, token: "idle \(priority)") }
        }
        try expect(found, is: ["suspect"], "\(priority)")
        try expect(try await bench.settle("suspect", .complete, token: "idle \(priority)"), is: .settled)
        for rest in try await bench.claimIDs(token: "rest") {
          try expect(try await bench.settle(rest, .complete, token: "rest"), is: .settled)
        }
      }
    },
  ]
}

extension BrokerConformance.Bench {
  fileprivate func add(_ ids: [String], flow: String, priority: JobPriority = .normal) async throws {
    _ = try await broker.enqueue(ids.map { NewJob(job($0, priority, flow: flow)) }, to: queue)
  }

  fileprivate func job(_ id: String, _ priority: JobPriority = .normal, flow: String) -> JobRecord {
    var record = job(id, priority)
    record.flow = flow
    return record
  }
}
