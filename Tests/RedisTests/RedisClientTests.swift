import PrivateServers
import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct RedisClientTests {
  @Test func readsEveryKindOfValue() async throws {
    try await withClient(PrivateRedis.shared) { client in
      let script = RedisScript(Array("return {1, 'two', false, {'deep', {3}}, redis.status_reply('FINE')}".utf8))
      let value = try await client.run(script, keys: [], arguments: [])
      #expect(
        value
          == .array([
            .integer(1), .string(Array("two".utf8)), .null,
            .array([.string(Array("deep".utf8)), .array([.integer(3)])]),
            .status("FINE"),
          ]))
    }
  }

  @Test func carriesAnyBytes() async throws {
    try await withClient(PrivateRedis.shared) { client in
      let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
      let long = try await client.command("ECHO", .bytes(bytes))
      #expect(long == .string(bytes))
      let empty = try await client.command("ECHO", "")
      #expect(empty == .string([]))
      let number = try await client.command("ECHO", .integer(.min))
      #expect(number.integer == .min)
    }
  }

  @Test func tenThousandPipelinedCommandsKeepTheirOrder() async throws {
    try await withClient(PrivateRedis.shared) { client in
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<10_000 {
          group.addTask { try await client.command("ECHO", .integer(Int64(number))).integer == Int64(number) }
        }
        var answered = 0
        for try await isOwn in group {
          #expect(isOwn)
          answered += 1
        }
        #expect(answered == 10_000)
      }
    }
  }

  @Test func anErrorIsThrownWithItsPrefixAndHarmsNobodyElse() async throws {
    try await withClient(PrivateRedis.shared) { client in
      _ = try await client.command("SET", "client:text", "x")
      async let before = client.command("GET", "client:text")
      let error = await #expect(throws: RedisError.self) { try await client.command("LPUSH", "client:text", "1") }
      #expect(error?.code == .replyError(prefix: "WRONGTYPE"))
      let text = try await before.text
      #expect(text == "x")
      let unknown = await #expect(throws: RedisError.self) { try await client.command("NOSUCH", "my-secret") }
      #expect(unknown?.description.contains("my-secret") == false)
    }
  }

  @Test func sendsAScriptInFullOnlyWhenRedisForgotIt() async throws {
    let redis = try await PrivateRedis.start()
    defer { redis.stop() }
    try await withClient(redis) { client in
      let source = Array("return ARGV[1] .. KEYS[1] -- ü".utf8)
      let script = RedisScript(source)
      #expect(try await client.command("SCRIPT", "LOAD", .bytes(source)).text == script.sha1)
      _ = try await client.command("SCRIPT", "FLUSH")
      for _ in 0..<2 {
        #expect(try await client.run(script, keys: ["k"], arguments: ["a"]).text == "ak")
      }
      let calls = try await client.command("INFO", "commandstats").text ?? ""
      #expect(calls.contains("cmdstat_eval:calls=1,"))
      #expect(calls.contains("cmdstat_evalsha:calls=2,"))
    }
  }

  @Test func comesBackAfterTheServerWasKilled() async throws {
    let redis = try await PrivateRedis.start()
    defer { redis.stop() }
    let other = try redis.client()
    try await withClient(redis) { client in
      _ = try await client.command("SET", "kept", "1")
      let caught = Task { try await client.command("BLPOP", "nothing", "0") }
      try await untilBlocked(other, 1)
      redis.kill()
      let error = await #expect(throws: RedisError.self) { try await caught.value }
      #expect(error?.code == .connectionLost)
      try await redis.restart(empty: false)
      #expect(try await client.command("GET", "kept").text == "1")
      redis.kill()
      try await redis.restart(empty: true)
      #expect(try await client.command("GET", "kept") == .null)
    }
    await other.close()
  }

  @Test func saysThatNobodyAnswers() async throws {
    let port = try FreePort.find()
    let client = RedisClient(try RedisURL("redis://127.0.0.1:\(port)"), connectTimeout: .milliseconds(50))
    let error = await #expect(throws: RedisError.self) { try await client.ping() }
    #expect(error?.code == .unavailable)
    #expect(error?.description == "Redis at 127.0.0.1:\(port) does not answer: connection refused")
    let blocked = await #expect(throws: RedisError.self) {
      try await client.blockingPop(key: "k", limit: .seconds(600))
    }
    #expect(blocked?.code == .unavailable)
    await client.close()
    let closed = await #expect(throws: RedisError.self) { try await client.ping() }
    #expect(closed?.description == "the connection to Redis at 127.0.0.1:\(port) was closed")
  }

  @Test func saysThatThePasswordIsWrongAtOnce() async throws {
    let redis = try await PrivateRedis.start(password: "right")
    defer { redis.stop() }
    for (credentials, words) in [(":hidden@", "refuses the user or password"), ("", "wants a password")] {
      let url = try RedisURL("unix://\(credentials)\(redis.socket)")
      // Would take the ten minutes if it were taken for a server that is down.
      let client = RedisClient(url, connectTimeout: .seconds(600))
      let error = await #expect(throws: RedisError.self) { try await client.ping() }
      #expect(error?.code == .wrongPassword)
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
      #expect(error?.description.contains("hidden") == false)
      await client.close()
    }
    try await withClient(redis) { try await $0.ping() }
  }

  @Test func aServerThatDoesNotAnswerIsGivenUp() async throws {
    let redis = try await PrivateRedis.start()
    defer { redis.stop() }
    let client = RedisClient(try RedisURL(redis.url), commandTimeout: .milliseconds(100))
    // A blocking command on the shared connection is what a half-open connection looks like.
    let error = await #expect(throws: RedisError.self) { try await client.command("BLPOP", "nothing", "0") }
    #expect(error?.code == .timedOut)
    try await client.ping()
    await client.close()
  }

  @Test func selectsTheDatabase() async throws {
    let redis = try await PrivateRedis.start()
    defer { redis.stop() }
    let second = RedisClient(try RedisURL(redis.url + "?db=2"))
    _ = try await second.command("SET", "where", "2")
    try await withClient(redis) { first in
      let value = try await first.command("GET", "where")
      #expect(value == .null)
    }
    #expect(try await second.command("GET", "where").text == "2")
    await second.close()
    let none = RedisClient(try RedisURL(redis.url + "?db=999"), connectTimeout: .seconds(600))
    let error = await #expect(throws: RedisError.self) { try await none.ping() }
    #expect(error?.description.contains("out of range") == true)
    await none.close()
  }
}

/// Runs `body` with a client that is closed afterwards.
func withClient(_ redis: PrivateRedis, _ body: @Sendable (RedisClient) async throws -> Void) async throws {
  let client = try redis.client()
  do { try await body(client) } catch {
    await client.close()
    throw error
  }
  await client.close()
}
