import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct BlockingPopTests {
  private let long: Duration = .seconds(600)

  @Test func takesWhatIsThereAndWaitsForWhatIsNot() async throws {
    try await withClient(PrivateRedis.shared) { client in
      _ = try await client.command("ZADD", "pop:a", 0, "1")
      #expect(try await client.blockingPop(key: "pop:a", limit: long))
      #expect(try await client.blockingPop(key: "pop:a", limit: .milliseconds(5)) == false)
      async let waiting = client.blockingPop(key: "pop:a", limit: long)
      _ = try await client.command("ZADD", "pop:a", 0, "1")
      let waitingTaken = try await waiting
      #expect(waitingTaken)
      #expect(try await client.command("EXISTS", "pop:a") == .integer(0))
    }
  }

  @Test func aLimitEndsOneWaitAndNotTheNext() async throws {
    try await withClient(PrivateRedis.shared) { client in
      for _ in 0..<50 {
        #expect(try await client.blockingPop(key: "pop:b", limit: .milliseconds(1)) == false)
      }
      async let waiting = client.blockingPop(key: "pop:b", limit: long)
      try await untilBlocked(client, 1)
      _ = try await client.command("ZADD", "pop:b", 0, "1")
      let waitingTaken = try await waiting
      #expect(waitingTaken)
    }
  }

  @Test func cancellationEndsTheWaitAndLosesNothing() async throws {
    let redis = try await PrivateRedis.start()
    defer { redis.stop() }
    try await withClient(redis) { client in
      for _ in 0..<20 {
        let task = Task { try await client.blockingPop(key: "pop:c", limit: long) }
        try await untilBlocked(client, 1)
        async let adding = client.command("ZADD", "pop:c", 0, "1")
        task.cancel()
        _ = try await adding
        let wasTaken = (try? await task.value) ?? false
        // Either the wait took the member or it is still there for another.
        #expect(try await client.command("ZCARD", "pop:c") == .integer(wasTaken ? 0 : 1))
        _ = try await client.command("DEL", "pop:c")
      }
      try await untilBlocked(client, 0)
    }
  }

  @Test func waitsAreApart() async throws {
    let redis = try await PrivateRedis.start()
    defer { redis.stop() }
    try await withClient(redis) { client in
      let cancelled = Task { try await client.blockingPop(key: "pop:d", limit: long) }
      try await untilBlocked(client, 1)
      async let woken = client.blockingPop(key: "pop:d", limit: long)
      try await untilBlocked(client, 2)
      cancelled.cancel()
      await #expect(throws: CancellationError.self) { try await cancelled.value }
      try await untilBlocked(client, 1)
      _ = try await client.command("ZADD", "pop:d", 0, "1")
      let wokenTaken = try await woken
      #expect(wokenTaken)
    }
  }

  @Test func aBlockedWaiterSurvivesClientKill() async throws {
    let redis = try await PrivateRedis.start()
    defer { redis.stop() }
    try await withClient(redis) { client in
      async let killed = client.blockingPop(key: "pop:e", limit: long)
      try await untilBlocked(client, 1)
      _ = try await client.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
      // It can't know whether something was taken, so it says that it may be.
      let killedTaken = try await killed
      #expect(killedTaken)
      async let next = client.blockingPop(key: "pop:e", limit: long)
      try await untilBlocked(client, 1)
      _ = try await client.command("ZADD", "pop:e", 0, "1")
      let nextTaken = try await next
      #expect(nextTaken)
    }
  }

  @Test func closingWakesWhoWaits() async throws {
    let redis = try await PrivateRedis.start()
    defer { redis.stop() }
    let client = try redis.client()
    let waiting = Task { try await client.blockingPop(key: "pop:f", limit: long) }
    try await untilBlocked(client, 1)
    await client.close()
    await #expect(throws: RedisError.self) { try await waiting.value }
  }
}

/// Asks Redis until `count` clients are blocked: what another connection has reached can only be asked.
func untilBlocked(_ client: RedisClient, _ count: Int) async throws {
  while true {
    let info = try await client.command("INFO", "clients").text ?? ""
    if info.split(separator: "\r\n").contains("blocked_clients:\(count)") { return }
  }
}
