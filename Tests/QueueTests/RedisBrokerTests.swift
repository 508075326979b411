import Jobs
import Queue
import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct RedisBrokerTests {
  private let lease: Duration = .seconds(600)

  private func job(_ id: String) -> JobRecord { JobRecord(id: id, kind: "test") }

  /// Redis' clock was an hour ahead when they were claimed, and their worker died. One that lives renews its lease.
  @Test func aLeaseFromAWrongClockIsTakenBack() async throws {
    let redis = try await PrivateRedis.start()
    defer { redis.stop() }
    try await withBroker(on: redis) { bench in
      for id in ["a", "b", "c"] { _ = try await bench.broker.enqueue([NewJob(job(id))], to: .dispatch) }
      let jobs = try await bench.broker.claim(2, from: .dispatch, token: "t", lease: .seconds(3600)).jobs
      let living = try await bench.broker.claim(1, from: .dispatch, token: "living", lease: .seconds(3600)).jobs
      #expect((jobs + living).map(\.id) == ["a", "b", "c"])
      #expect(try await bench.broker.extend(["c"], in: .dispatch, token: "living", lease: .seconds(30)) == [])
      let limits: (Duration, Duration) = (.seconds(600), .seconds(600))
      let strays = try await bench.broker.strays(
        among: ["a", "b", "c"], in: .dispatch, latenessMax: limits.0, burialMin: limits.1)
      #expect(strays == ["a", "b"])
      #expect(try await bench.broker.takeBack("b", in: .dispatch, leaseMax: limits.0))
      #expect(try await bench.broker.takeBack("c", in: .dispatch, leaseMax: limits.0) == false)
      #expect(try await bench.broker.takeBack("b", in: .dispatch, leaseMax: limits.0) == false)
      #expect(try await bench.broker.states(of: ["a", "b", "c"], in: .dispatch) == [.leased, .ready, .leased])
      let settled = try await bench.broker.settle([Settlement(jobs[1], .complete)], in: .dispatch, token: "t")
      #expect(settled == [.lost])
      #expect(try await bench.broker.claim(1, from: .dispatch, token: "u", lease: lease).jobs.map(\.id) == ["b"])
    }
  }

  @Test func manyTasksShareScriptCalls() async throws {
    let redis = try await PrivateRedis.start()
    defer { redis.stop() }
    try await withBroker(on: redis) { bench in
      try await bench.client.ping()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<400 {
          group.addTask {
            let added = try await bench.broker.enqueue([NewJob(job("\(number)"))], to: .dispatch)
            #expect(added == [.added])
          }
        }
        try await group.waitForAll()
      }
      let jobs = try await bench.broker.claim(400, from: .dispatch, token: "t", lease: lease).jobs
      #expect(jobs.count == 400)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for job in jobs {
          group.addTask {
            // Every second one has another token and must get its own answer.
            let isOwner = (Int(job.id) ?? 0) % 2 == 0
            let result = try await bench.broker.settle(
              [Settlement(job, .complete)], in: .dispatch, token: isOwner ? "t" : "other")
            #expect(result == [isOwner ? .settled : .lost])
          }
        }
        try await group.waitForAll()
      }
      let stats = try await bench.client.command("INFO", "commandstats").text ?? ""
      let calls = stats.split(separator: "\r\n").first { $0.hasPrefix("cmdstat_evalsha:calls=") }?
        .split(separator: "=")[1].prefix { $0.isNumber }
      #expect((Int(calls ?? "") ?? .max) < 100, "801 requests, \(calls ?? "no") calls")
    }
  }

  @Test func theDeadAreForgottenInTheEnd() async throws {
    try await withBroker { bench in
      let count = RedisBroker.jobsPerScriptMax + 5
      _ = try await bench.broker.enqueue((0..<count).map { NewJob(job("dead-\($0)")) }, to: .dispatch)
      while true {
        let jobs = try await bench.broker.claim(count, from: .dispatch, token: "t", lease: lease).jobs
        if jobs.isEmpty { break }
        _ = try await bench.broker.settle(
          jobs.map { Settlement($0, .bury(reason: "why")) }, in: .dispatch, token: "t")
      }
      _ = try await bench.broker.enqueue([NewJob(job("ready"))], to: .dispatch)
      #expect(try await bench.broker.counts(of: .dispatch).dead == count)
      #expect(try await bench.broker.retireDead(olderThan: .seconds(600), in: .dispatch) == 0)
      #expect(try await bench.broker.retireDead(olderThan: .zero, in: .dispatch) == count)
      let counts = try await bench.broker.counts(of: .dispatch)
      #expect(counts.dead == 0 && counts.ready == 1)
      #expect(try await bench.broker.states(of: ["dead-0", "ready"], in: .dispatch) == [nil, .ready])
      // It may come again.
      #expect(try await bench.broker.enqueue([NewJob(job("dead-0"))], to: .dispatch) == [.added])
    }
  }

  @Test func takesMoreThanOneScriptHolds() async throws {
    try await withBroker { bench in
      let count = RedisBroker.jobsPerScriptMax * 2 + 7
      let added = try await bench.broker.enqueue((0..<count).map { NewJob(job("\($0)")) }, to: .dispatch)
      #expect(added == Array(repeating: .added, count: count))
      let again = try await bench.broker.enqueue((0..<count).map { NewJob(job("\($0)")) }, to: .dispatch)
      #expect(again == Array(repeating: .duplicate(.ready), count: count))
      var settled = 0
      while true {
        let jobs = try await bench.broker.claim(count, from: .dispatch, token: "t", lease: lease).jobs
        if jobs.isEmpty { break }
        #expect(try await bench.broker.extend(jobs.map(\.id), in: .dispatch, token: "t", lease: lease).isEmpty)
        let results = try await bench.broker.settle(
          jobs.map { Settlement($0, .delay(.seconds(600), attempts: 1)) }, in: .dispatch, token: "t")
        settled += results.count { $0 == .settled }
      }
      #expect(settled == count)
      #expect(try await bench.broker.counts(of: .dispatch).delayed == count)
    }
  }

  @Test func aRecordThatCannotBeReadIsLeasedToBeBuried() async throws {
    try await withBroker { bench in
      _ = try await bench.broker.enqueue([NewJob(job("good")), NewJob(job("bad"))], to: .dispatch)
      _ = try await bench.client.command("HSET", bench.key("jobs"), "bad", "n7 from the future")
      let claim = try await bench.broker.claim(10, from: .dispatch, token: "t", lease: lease)
      #expect(claim.jobs.map(\.id) == ["good"])
      #expect(claim.malformed.map(\.id) == ["bad"])
      let reason = claim.malformed[0].reason
      #expect(reason.contains("version 7"))
      let results = try await bench.broker.settle(
        [Settlement(job("bad"), .bury(reason: reason))], in: .dispatch, token: "t")
      #expect(results == [.settled])
      let dead = try await bench.broker.list(.dead, in: .dispatch, offset: 0, limit: 10)
      #expect(dead.map(\.record.kind) == ["unreadable"])
      #expect(dead.map(\.detail) == [reason])
    }
  }

  /// A key that somebody deleted by hand, and that nothing may be lost or stuck for good by it.
  @Test(arguments: [
    ("ready:n", "ready"), ("flows:n", "ready"), ("delayed", "delayed"), ("leases", "leases"), ("held:t", "leases"),
    ("dead", "dead"),
  ])
  func whatADeletedKeyHadIsReadyAgain(_ key: String, _ id: String) async throws {
    try await withBroker { bench in
      try await fill(bench)
      #expect(try await bench.broker.lookForLoss(in: .dispatch) == .lost, "it is new")
      #expect(try await bench.broker.lookForLoss(in: .dispatch) == .whole)
      #expect(try await bench.broker.mend(.dispatch) == 0)
      _ = try await bench.client.command("DEL", bench.key(key))
      #expect(try await bench.broker.lookForLoss(in: .dispatch) == .damaged)
      #expect(try await bench.broker.mend(.dispatch) == (key == "flows:n" ? 0 : 1))
      #expect(try await bench.broker.lookForLoss(in: .dispatch) == .whole)
      #expect(try await bench.broker.find(id, in: .dispatch)?.state == .ready)
      let late = try await bench.broker.settle([Settlement(job(id), .complete)], in: .dispatch, token: "t")
      #expect(late == [.lost])
      let claimed = try await bench.broker.claim(10, from: .dispatch, token: "u", lease: lease).jobs.map(\.id)
      #expect(Set(claimed) == ["ready", id] && claimed.count == Set(claimed).count)
    }
  }

  /// Nobody may take a reason that was deleted for a job that was buried without one.
  @Test func aReasonThatWasDeletedIsSaidToBeLost() async throws {
    try await withBroker { bench in
      try await fill(bench)
      _ = try await bench.client.command("HSET", bench.key("jobs"), "odd", "n7 test 0 0  ")
      _ = try await bench.client.command("ZADD", bench.key("dead"), 1, "odd")
      _ = try await bench.client.command("HSET", bench.key("reasons"), "odd", "why")
      func details() async throws -> [String] {
        let listed = try await bench.broker.list(.dead, in: .dispatch, offset: 0, limit: 10)
        for job in listed {
          #expect(try await bench.broker.find(job.record.id, in: .dispatch)?.detail == job.detail)
        }
        return listed.map(\.detail)
      }
      #expect(try await details() == ["no", "why"])
      _ = try await bench.client.command("DEL", bench.key("reasons"))
      let lost = try await details()
      #expect(lost.first == ListedJob.lostReason)
      // What is left of it is told as well.
      #expect(lost.last?.hasPrefix(ListedJob.lostReason + "; ") == true && lost.last?.contains("version 7") == true)
      for state in JobState.allCases where state != .dead {
        let others = try await bench.broker.list(state, in: .dispatch, offset: 0, limit: 10)
        #expect(!others.isEmpty && others.allSatisfy { $0.detail != ListedJob.lostReason })
      }
    }
  }

  /// Jobs came to a line that had just been deleted.
  @Test func aLineThatBeganAnewHasOneTurn() async throws {
    try await withBroker { bench in
      try await fill(bench)
      _ = try await bench.client.command("DEL", bench.key("ready:n"))
      _ = try await bench.broker.enqueue([NewJob(job("next"))], to: .dispatch)
      #expect(try await bench.broker.mend(.dispatch) == 1)
      #expect(try await bench.client.command("LLEN", bench.key("flows:n")) == .integer(1))
      let counts = try await bench.broker.counts(of: .dispatch)
      #expect(counts == QueueCounts(ready: 2, leased: 1, delayed: 1, dead: 1, isPaused: false))
    }
  }

  /// It is not known what was lost, but nothing may be run twice at once, or never.
  @Test func mendingWhileJobsMoveDoublesNone() async throws {
    try await withBroker { bench in
      let ids = (0..<3_000).map { "\($0)" }
      for id in ids.prefix(1_500) { _ = try await bench.broker.enqueue([NewJob(job(id))], to: .dispatch) }
      _ = try await bench.client.command("DEL", bench.key("ready:n"))
      async let mended = bench.broker.mend(.dispatch)
      for id in ids.suffix(1_500) { _ = try await bench.broker.enqueue([NewJob(job(id))], to: .dispatch) }
      _ = try await mended
      try await bench.broker.mend(.dispatch)
      var claimed: [String] = []
      while true {
        let jobs = try await bench.broker.claim(500, from: .dispatch, token: "t", lease: lease).jobs
        if jobs.isEmpty { break }
        claimed += jobs.map(\.id)
      }
      #expect(claimed.count == ids.count && Set(claimed) == Set(ids))
    }
  }

  /// Places without records would meet the jobs that come next.
  @Test func aQueueWithoutRecordsBeginsAnew() async throws {
    try await withBroker { bench in
      try await fill(bench)
      _ = try await bench.client.command("DEL", bench.key("jobs"))
      let names = ["ready", "delayed", "dead", "leases"]
      let again = try await bench.broker.enqueue(names.map { NewJob(job($0)) }, to: .dispatch)
      #expect(again == [.added, .added, .added, .added])
      #expect(
        try await bench.broker.counts(of: .dispatch)
          == QueueCounts(ready: 4, leased: 0, delayed: 0, dead: 0, isPaused: false))
      #expect(try await bench.broker.claim(10, from: .dispatch, token: "u", lease: lease).jobs.map(\.id) == names)
      let late = try await bench.broker.settle([Settlement(job("leases"), .complete)], in: .dispatch, token: "t")
      #expect(late == [.lost])
    }
  }

  @Test func theFirstLayoutExpires() async throws {
    try await withBroker { bench in
      let old = RedisArgument.string("\(bench.prefix):{dispatch}:jobs")
      let paused = RedisArgument.string("\(bench.prefix):{dispatch}:paused")
      _ = try await bench.client.command("HSET", old, "a", "n1 test 0 0  ")
      // Said to a program of either layout, it holds for both.
      _ = try await bench.client.command("SET", paused, "1")
      #expect(try await bench.broker.counts(of: .dispatch).isPaused)
      try await bench.broker.forgetOldLayout(of: .dispatch)
      let left = try await bench.client.command("TTL", old).integer ?? 0
      #expect((86_000...86_400).contains(left))
      #expect(try await bench.client.command("TTL", paused).integer == -1)
      _ = try await bench.client.command("EXPIRE", old, 1000)
      try await bench.broker.forgetOldLayout(of: .dispatch)
      #expect(try await bench.client.command("TTL", old).integer ?? 0 <= 1000, "not put off again")
    }
  }

  @Test func deletedRecordsAreDroppedFromEveryState() async throws {
    try await withBroker { bench in
      try await fill(bench)
      _ = try await bench.client.command("DEL", bench.key("jobs"))
      #expect(try await bench.broker.claim(10, from: .dispatch, token: "u", lease: lease).jobs.isEmpty)
      #expect(try await bench.broker.revive("dead", in: .dispatch) == false)
      #expect(try await bench.broker.revive("delayed", in: .dispatch) == false)
      for state in JobState.allCases {
        #expect(try await bench.broker.list(state, in: .dispatch, offset: 0, limit: 10).isEmpty)
      }
      let released = try await bench.broker.settle([Settlement(job("leases"), .release)], in: .dispatch, token: "t")
      #expect(released == [.lost])
      let counts = try await bench.broker.counts(of: .dispatch)
      #expect(counts == QueueCounts(ready: 0, leased: 0, delayed: 0, dead: 0, isPaused: false))
    }
  }

  @Test func dueAndExpiredIDsWithoutRecordsAreDropped() async throws {
    try await withBroker { bench in
      let short: Duration = .milliseconds(5)
      _ = try await bench.broker.enqueue([NewJob(job("leased")), NewJob(job("delayed"), delay: short)], to: .dispatch)
      _ = try await bench.broker.claim(1, from: .dispatch, token: "t", lease: short)
      _ = try await bench.client.command("DEL", bench.key("jobs"))
      try await bench.advance(short)
      let promotion = try await bench.broker.promote(in: .dispatch, max: 10, crashesMax: 3)
      #expect(promotion == Promotion(promoted: 0, reaped: 0, buried: 0, next: nil))
      let left = try await bench.client.command(
        "EXISTS", bench.key("held:t"), bench.key("leases"), bench.key("claims"), bench.key("ready:n"))
      #expect(left == .integer(0))
    }
  }

  @Test func everythingIsGoneWhenAllJobsAre() async throws {
    try await withBroker { bench in
      try await fill(bench)
      for id in ["ready", "delayed", "dead"] {
        #expect(try await bench.broker.delete(id, in: .dispatch))
      }
      _ = try await bench.broker.settle([Settlement(job("leases"), .complete)], in: .dispatch, token: "t")
      var left: Set<String> = []
      for name in [
        "jobs", "ready:n", "flows:n", "back", "delayed", "leases", "held:t", "claims", "dead", "reasons", "crashes",
      ]
      where try await bench.client.command("EXISTS", bench.key(name)) == .integer(1) {
        left.insert(name)
      }
      #expect(left.isEmpty)
    }
  }

  @Test func aDelayedJobTakesUnder400Bytes() async throws {
    let redis = try await PrivateRedis.start()
    defer { redis.stop() }
    try await withBroker(on: redis) { bench in
      _ = try await bench.broker.enqueue([NewJob(job("first"), delay: lease)], to: .dispatch)
      let before = try await usedMemory(bench.client)
      for batch in 0..<20 {
        let jobs = (0..<500).map { number in
          let digits = String(batch * 500 + number)
          let id = "0190b5c8-7e1a-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
          return NewJob(
            JobRecord(id: id, kind: "check", enqueuedAt: 1_700_000_000_000), delay: .seconds(600 + number))
        }
        _ = try await bench.broker.enqueue(jobs, to: .dispatch)
      }
      let each = (try await usedMemory(bench.client) - before) / 10_000
      #expect(each < 400, "\(each) bytes")
      #expect(each > 100, "so little can't be right: \(each) bytes")
    }
  }

  @Test func jobsSurviveARestartOfRedis() async throws {
    let redis = try await PrivateRedis.start()
    defer { redis.stop() }
    try await withBroker(on: redis) { bench in
      try await fill(bench)
      redis.kill()
      try await redis.restart(empty: false)
      let counts = try await bench.broker.counts(of: .dispatch)
      #expect(counts == QueueCounts(ready: 1, leased: 1, delayed: 1, dead: 1, isPaused: false))
      redis.kill()
      try await redis.restart(empty: true)
      #expect(try await bench.broker.claim(10, from: .dispatch, token: "t", lease: lease).jobs.isEmpty)
      #expect(try await bench.broker.enqueue([NewJob(job("ready"))], to: .dispatch) == [.added])
    }
  }

  /// One job in each state, named after the set it is in; the leased one by "t".
  private func fill(_ bench: RedisBench) async throws {
    _ = try await bench.broker.enqueue([NewJob(job("dead")), NewJob(job("leases"))], to: .dispatch)
    _ = try await bench.broker.claim(2, from: .dispatch, token: "t", lease: lease)
    _ = try await bench.broker.settle([Settlement(job("dead"), .bury(reason: "no"))], in: .dispatch, token: "t")
    _ = try await bench.broker.enqueue([NewJob(job("ready")), NewJob(job("delayed"), delay: lease)], to: .dispatch)
  }

  private func usedMemory(_ client: RedisClient) async throws -> Int {
    let info = try await client.command("INFO", "memory").text ?? ""
    let line = info.split(separator: "\r\n").first { $0.hasPrefix("used_memory:") }
    return Int(line?.dropFirst("used_memory:".count) ?? "") ?? 0
  }
}
