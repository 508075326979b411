import API
import EventLoop
import Events
import HTTPServer
import Orders
import Postgres
import Redis
import Store
import TestSupport
import Testing
import WebSocket

@testable import Gateway

/// What a stream brings, where it goes on, and when it is ended.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct StreamTests {
  @Test func whatWasMissedComesFirstAndNothingTwice() async throws {
    let bench = try await LiveBench()
    let hub = await bench.hub()
    try await bench.add(700)
    try await bench.add(3, to: "rival")
    for _ in 0..<2 { try await bench.relay() }
    let channel = FakeChannel()
    await hub.open(try await bench.request(), channel, kind: "sse")
    await channel.until(700)
    #expect(await channel.positions == Array(1...700))
    // From here on by the stream; a gap in it is filled from PostgreSQL.
    try await bench.add(2)
    try await bench.relay()
    await channel.until(705)
    try await bench.add(2)
    try await bench.relay(publishes: false)
    try await bench.add(1)
    try await bench.relay()
    await channel.until(708)
    #expect(await channel.positions == Array(1...700) + Array(704...708), "the rival's are not the shop's")
    let late = FakeChannel()
    await hub.open(try await bench.request(after: 706, types: ["sevk.order.created"]), late, kind: "sse")
    await late.until(708)
    let none = FakeChannel()
    await hub.open(try await bench.request(after: 706, types: ["sevk.order.failed"]), none, kind: "sse")
    try await bench.add(1)
    try await bench.relay()
    await late.until(709)
    #expect(await late.positions == [707, 708, 709])
    #expect(await none.positions == [])
    await hub.stop()
    let end = await channel.ending
    #expect(end == "going_away after 709")
    await bench.close()
  }

  @Test func aRedisThatWasEmptiedOrAwayMakesNoGap() async throws {
    let bench = try await LiveBench()
    let hub = await bench.hub()
    let channel = FakeChannel()
    await hub.open(try await bench.request(), channel, kind: "sse")
    try await bench.add(2)
    try await bench.relay()
    await channel.until(2)
    try await bench.redis.restart(empty: true)
    try await bench.add(2)
    try await bench.relay(publishes: false)
    try await bench.add(1)
    try await bench.relay()
    await channel.until(5)
    _ = try await bench.client.command("FLUSHALL")
    try await bench.add(1)
    try await bench.relay()
    await channel.until(6)
    #expect(await channel.positions == Array(1...6))
    await hub.stop()
    await bench.close()
  }

  /// Issue: positions are given in the order in which events could be seen, not in that of their numbers.
  @Test func anEventThatIsCommittedLateComesLaterByEveryDoor() async throws {
    let bench = try await LiveBench()
    let hub = await bench.hub()
    let channel = FakeChannel()
    await hub.open(try await bench.request(), channel, kind: "sse")
    try await bench.add(1)
    try await bench.relay()
    let holder = PostgresPool(url: bench.url, connectionsMax: 1)
    _ = try await holder.run(PostgresStatement(name: "", sql: "SELECT pg_advisory_lock(9)"), [])
    async let late: Void = bench.pool.script(
      """
      INSERT INTO events (order_id, version, status, type, position, published_at)
      SELECT id, 9, 'sent', 'sevk.order.sent', 0, 'infinity' FROM orders LIMIT 1;
      SELECT pg_advisory_xact_lock(9);
      """)
    let waiting = PostgresStatement(
      name: "", sql: "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    while try await holder.run(waiting, []).single().int(0) == 0 { await Task.yield() }
    for _ in 0..<3 {
      try await bench.add(1)
      try await bench.relay()
    }
    await channel.until(4)
    let before = try await bench.outbox.list(tenant: try await bench.tenant("shop"), after: 0, limit: 10)
    #expect(before.events.map(\.position) == [1, 2, 3, 4] && before.next == 4 && !before.hasMore)
    _ = try await holder.run(PostgresStatement(name: "", sql: "SELECT pg_advisory_unlock(9)"), [])
    try await late
    try await bench.relay()
    await channel.until(5)
    let tenant = try await bench.tenant("shop")
    let after = try await bench.outbox.list(tenant: tenant, after: before.next, limit: 10)
    #expect(after.events.map(\.type) == ["sevk.order.sent"] && after.events.map(\.position) == [5])
    let order = try #require(after.events.first?.orderID)
    let ofOrder = try await bench.outbox.list(tenant: tenant, after: 0, order: order, limit: 10)
    #expect(ofOrder.events.map(\.position) == [1, 5], "found by the order too, though its number is smaller")
    let entries = try await bench.client.command("XRANGE", "sevk:events:shop", "-", "+").array ?? []
    let fields = entries.compactMap { $0.array?.last?.array }
    #expect(fields.map { $0[0].text } == Array(repeating: "position", count: 5))
    #expect(fields.map { $0[1].integer } == [1, 2, 3, 4, 5])
    #expect(await channel.positions == [1, 2, 3, 4, 5])
    await holder.close()
    await hub.stop()
    await bench.close()
  }

  @Test func whoReadsTooSlowlyIsCutOff() async throws {
    let bench = try await LiveBench()
    var limits = StreamHub.Limits()
    limits.beat = .milliseconds(60)
    let hub = await bench.hub(limits)
    await hub.start()
    let (deaf, well) = (FakeChannel(), FakeChannel())
    await deaf.deafen()
    await hub.open(try await bench.request(), deaf, kind: "sse")
    await hub.open(try await bench.request(), well, kind: "sse")
    await well.untilBeat()
    try await bench.add(2)
    try await bench.relay()
    await deaf.untilEnd()
    let end = await deaf.ending
    #expect(end == "too_slow after 2", "it takes nothing from one beat to the next")
    #expect(await well.reason == nil)
    await hub.stop()
    await bench.close()
  }

  @Test func theOneTooManyIsRefusedAndThereIsRoomAgain() async throws {
    let bench = try await LiveBench()
    var limits = StreamHub.Limits()
    limits.streamsMax = 2
    let hub = await bench.hub(limits)
    let channels = [FakeChannel(), FakeChannel(), FakeChannel()]
    for channel in channels.prefix(2) { await hub.open(try await bench.request(), channel, kind: "sse") }
    #expect(await hub.isFull)
    await hub.open(try await bench.request(), channels[2], kind: "websocket")
    #expect(await channels[2].reason == .tooMany)
    await channels[0].leave()
    let count = await hub.count
    #expect(count == 1)
    await hub.stop()
    #expect(await hub.count == 0)
    await bench.close()
  }

  @Test func aTokenAndATenantHaveTheirShare() async throws {
    let bench = try await LiveBench()
    var limits = StreamHub.Limits()
    (limits.streamsOfTokenMax, limits.streamsOfTenantMax) = (2, 3)
    let hub = await bench.hub(limits)
    func open(_ tenant: String, _ token: UInt8) async throws -> FakeChannel {
      let channel = FakeChannel()
      var request = try await bench.request(tenant)
      request.tokenHash = [token]
      await hub.open(request, channel, kind: "sse")
      return channel
    }
    let first = [try await open("shop", 1), try await open("shop", 1)]
    #expect(await first[1].reason == nil)
    #expect(try await open("shop", 1).reason == .tooMany, "of the token")
    let other = try await open("shop", 2)
    #expect(await other.reason == nil)
    #expect(try await open("shop", 2).reason == .tooMany, "of the tenant")
    #expect(try await open("rival", 3).reason == nil)
    let request = try await bench.request()
    let refusal = await hub.refusal(request.grant, tokenHash: [1])
    #expect(refusal == "the token has 2 streams open at this gateway, which is all that one token may have")
    await first[0].leave()
    #expect(try await open("shop", 1).reason == nil)
    await hub.stop()
    #expect(await hub.refusal(request.grant, tokenHash: [1]) == nil)
    await bench.close()
  }

  /// Each may have a megabyte, and all together no more than there is.
  @Test func whoMakesTooMuchWaitForAllIsCutAtOnce() async throws {
    let bench = try await LiveBench()
    var limits = StreamHub.Limits()
    limits.bytesWaitingMax = 20_000
    let hub = await bench.hub(limits)
    let (deaf, slow, well) = (FakeChannel(), FakeChannel(), FakeChannel())
    await deaf.deafen()
    let request = try await bench.request()
    await hub.open(request, deaf, kind: "sse")
    await hub.open(request, well, kind: "sse")
    while await deaf.reason == nil, await !deaf.wasCut {
      try await bench.add(10)
      try await bench.relay()
      let last = try await bench.outbox.last()
      await well.until(last)
    }
    #expect(await deaf.wasCut)
    #expect(await deaf.reason == nil, "none would reach it")
    let after = try await bench.outbox.last()
    // There is room again, for one whose part is small too.
    await slow.deafen()
    var late = request
    late.after = after
    await hub.open(late, slow, kind: "sse")
    try await bench.add(1)
    try await bench.relay()
    await slow.until(after + 1)
    #expect(await !slow.wasCut)
    #expect(await !well.wasCut)
    await hub.stop()
    await bench.close()
  }

  /// Who is a little behind gets what the feed has at hand, in the same order.
  @Test func whoIsALittleBehindJoinsTheFeedAtOnce() async throws {
    let bench = try await LiveBench()
    let hub = await bench.hub()
    let channel = FakeChannel()
    await hub.open(try await bench.request(), channel, kind: "sse")
    for _ in 0..<3 {
      try await bench.add(500)
      try await bench.relay()
    }
    await channel.until(1500)
    let got = Got()
    let near = await bench.feed.join(tenant: "shop", after: 1200) { got.positions += $0.events.map(\.position) }
    #expect(near != nil)
    #expect(await got.positions == Array(1201...1500))
    let far = await bench.feed.join(tenant: "shop", after: 10) { _ in }
    #expect(far == nil, "it is not all at hand")
    let rival = await bench.feed.join(tenant: "rival", after: 1200) { got.positions += $0.events.map(\.position) }
    #expect(rival != nil)
    try await bench.add(1)
    try await bench.relay()
    await channel.until(1501)
    #expect(await got.positions == Array(1201...1501))
    await hub.stop()
    await bench.close()
  }

  @Test func operatorsSeeWhatIsTheirsInTheSameOrder() async throws {
    let bench = try await LiveBench()
    try await bench.pool.script(
      """
      INSERT INTO providers (name, adapter, base_url, credentials) VALUES ('panel', 'znet', 'http://a', '');
      INSERT INTO routes (tenant_id, product, provider_id, parameters)
      SELECT t.id, 'pubg-60', p.id, '{}' FROM tenants t, providers p WHERE t.name = 'shop';
      """)
    let hub = await bench.hub()
    func tell(_ id: String) async throws {
      try await bench.pool.script(
        """
        SELECT add_notice(ARRAY(SELECT tenant_id FROM routes), 'provider/panel', '\(id)', 'sevk.provider.down', '{}')
        """)
    }
    try await bench.add(1)
    try await tell("before")
    try await bench.relay()
    var channels: [String: FakeChannel] = [:]
    for (name, scopes) in [
      ("shop", ["orders:read"]), ("both", ["orders:read", "operator"]), ("ops", ["operator"]),
    ] as [(String, Set<String>)] {
      let channel = FakeChannel()
      channels[name] = channel
      await hub.open(try await bench.request(scopes: scopes), channel, kind: "sse")
    }
    let chosen = FakeChannel()
    await hub.open(
      try await bench.request(types: ["sevk.provider.down"], scopes: ["orders:read", "operator"]), chosen, kind: "sse")
    await channels["both"]?.until(2)
    try await tell("after")
    try await bench.add(1)
    try await bench.relay()
    await channels["shop"]?.until(4)
    await channels["both"]?.until(4)
    await channels["ops"]?.until(3)
    await chosen.until(3)
    #expect(await channels["shop"]?.positions == [1, 4])
    #expect(await channels["both"]?.positions == [1, 2, 3, 4])
    #expect(await channels["ops"]?.positions == [2, 3])
    #expect(await chosen.positions == [2, 3])
    // A tenant's stream in Redis is read by whoever the shop lets, without a token.
    func entries(_ stream: RedisArgument) async throws -> [Int64] {
      (try await bench.client.command("XRANGE", stream, "-", "+").array ?? []).compactMap {
        $0.array?.last?.array?[1].integer
      }
    }
    #expect(try await entries("sevk:events") == [1, 2, 3, 4])
    #expect(try await entries("sevk:events:shop") == [1, 4])
    await #expect { try await bench.request(types: ["sevk.provider.down"]) } throws: {
      ($0 as? Problem)?.status == 403
        && ($0 as? Problem)?.detail == "types: has sevk.provider.down, which takes a token with the scope operator"
    }
    await hub.stop()
    await bench.close()
  }

  /// The kernel of a client that is gone may still acknowledge: only an answer to a ping shows that somebody is there.
  @Test func aSubscriberThatAnswersNoPingIsGone() async throws {
    let bench = try await LiveBench()
    var limits = StreamHub.Limits()
    limits.beat = .milliseconds(60)
    limits.silenceMax = .milliseconds(300)
    let hub = await bench.hub(limits)
    await hub.start()
    let request = try await bench.request()
    let server = HTTPServer(host: "127.0.0.1", port: 0) { asked in
      do {
        return try WebSocketHandshake.answer(asked, subprotocol: WebSocketChannel.subprotocol) { connection in
          guard let socket = WebSocket(connection) else { return }
          hub.open(request, WebSocketChannel(socket), kind: "websocket")
        }
      } catch { return HTTPResponse(status: 400) }
    }
    try await server.start()
    let stream = try await LoopStream.connect(
      to: .tcp(host: "127.0.0.1", port: await server.port), timeout: .seconds(5))
    let ended = LoopEvent()
    await stream.read(onBytes: { _ in }, onEnd: { _ in ended.signal() })
    await stream.write(
      ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").utf8)
    _ = await ended.wait()
    let count = await hub.count
    #expect(count == 0)
    await hub.stop()
    await server.stop(grace: .zero)
    await bench.close()
  }
}

@LoopActor private final class Got {
  var positions: [Int64] = []
  nonisolated init() {}
}

extension FakeChannel {
  var ending: String { "\(reason?.rawValue ?? "-") after \(after ?? -1)" }
  func deafen() { isDeaf = true }
}
