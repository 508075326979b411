import EventLoop
import Orders
import Postgres
import Store
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SlowOrderTests {
  private static let now: Int64 = 4_000_000_000_000

  @Test @LoopActor func theSlowestComeFirstWithWhatTheySpentItOn() async throws {
    let bench = try await Bench()
    let waiting = try await bench.order()
    var wanted = Transition(waiting, to: .sending)
    wanted.send = (bench.provider, .randomReference())
    wanted.dueIn = .seconds(60)
    var waits = OrderWaits(sends: 0)
    waits = OrderWaits(
      carried: waits.waiting(for: .init(.down, at: bench.provider), .seconds(600), age: .zero), sends: 0)
    waits.end(age: .seconds(500))
    wanted.waits = waits
    let sending = try await bench.store.apply(wanted)
    let sent = try await bench.store.apply(bench.move(sending, to: .sent))
    let slow = try await bench.store.apply(bench.move(sent, to: .completed))
    let quick = try await bench.order(.sending, .sent, .completed)
    let claimed = try await bench.order(.failed)
    let open = try await bench.order(.sending)
    // As if it had been so: each by hand, since nobody waits for it here. Less than the two hours that ids may be off.
    func shift(_ order: Order, recorded: String, ended: String) async throws {
      let id = order.id.description
      _ = try await bench.sql(
        "UPDATE orders SET created_at = now() - $2::text::interval, updated_at = now() - $3::text::interval WHERE id = $1::uuid",
        .text(id), .text(recorded), .text(ended))
      _ = try await bench.sql(
        "UPDATE events SET at = now() - $2::text::interval WHERE order_id = $1::uuid AND version = 1", .text(id),
        .text(recorded))
      _ = try await bench.sql(
        "UPDATE events SET at = now() - $2::text::interval WHERE order_id = $1::uuid AND version > 1", .text(id),
        .text(ended))
    }
    try await shift(slow, recorded: "110 minutes", ended: "50 minutes")
    try await shift(quick, recorded: "110 minutes", ended: "109 minutes")
    try await shift(claimed, recorded: "115 minutes", ended: "114 minutes")
    try await shift(open, recorded: "30 minutes", ended: "29 minutes")
    // Claimed hours after it had failed: that is no time that it took.
    _ = try await bench.store.claimRefund(of: claimed.id, tenant: bench.tenant, who: "shop")
    #expect(try await bench.load(claimed.id).updatedAt > claimed.createdAt)

    func found(_ change: (inout SlowSearch) -> Void = { _ in }) async throws -> [OrderID] {
      var search = SlowSearch(from: 0)
      change(&search)
      let found = try await bench.store.slowest(search, nowMilliseconds: Self.now)
      #expect(found.cutAt == nil)
      return found.found.map(\.order.id)
    }
    #expect(try await found().prefix(2) == [slow.id, open.id])
    #expect(try await Set(found().suffix(2)) == [quick.id, claimed.id])
    #expect(try await found { $0.least = .seconds(1900) } == [slow.id])
    #expect(try await found { $0.limit = 1 } == [slow.id])
    #expect(try await found { $0.statuses = [.sending, .failed] } == [open.id, claimed.id])
    #expect(try await found { $0.tenant = bench.tenant }.count == 4)
    #expect(try await found { $0.tenant = bench.tenant + 1 } == [])
    #expect(try await found { $0.provider = bench.provider }.count == 3)
    #expect(try await found { $0.product = "other" } == [])
    let rows = try await bench.sql("SELECT (extract(epoch FROM now()) * 1000)::bigint")
    let clock = try rows[0].int(0)
    #expect(try await found { $0.from = clock - 3_600_000 } == [open.id])
    #expect(try await found { $0.before = clock - 6_750_000 } == [claimed.id])

    let all = try await bench.store.slowest(SlowSearch(from: 0), nowMilliseconds: Self.now)
    #expect(all.lookedAt == 4)
    let first = try #require(all.found.first)
    #expect(first.took >= .seconds(3599) && first.took <= .seconds(3601))
    let spent = try #require(first.spent)
    #expect(spent.longest == TimePart(.turn, at: nil, milliseconds: spent.milliseconds - 500_000))
    #expect(spent.parts.first == TimePart(.down, at: bench.provider, milliseconds: 500_000))
    #expect(all.found.last?.took ?? .zero <= .seconds(61))
  }

  @Test @LoopActor func theListKeepsToASpan() async throws {
    let bench = try await Bench()
    let (old, new) = (try await bench.order(), try await bench.order())
    _ = try await bench.sql(
      "UPDATE orders SET created_at = now() - interval '2 hours', fields = '{\"player_id\":\"p-7\"}' WHERE id = $1::uuid",
      .text(old.id.description))
    let rows = try await bench.sql("SELECT (extract(epoch FROM now()) * 1000)::bigint")
    let hourAgo = try rows[0].int(0) - 3_600_000
    var search = OrderSearch()
    search.createdFrom = hourAgo
    #expect(try await bench.store.search(search, nowMilliseconds: 0).orders.map(\.id) == [new.id])
    (search.createdFrom, search.createdBefore) = (nil, hourAgo)
    // Its id is newer than the span: that is what the margin of clocks is for.
    #expect(try await bench.store.search(search, nowMilliseconds: 0).orders.map(\.id) == [old.id])
    search.player = "p-7"
    #expect(try await bench.store.search(search, nowMilliseconds: 0).orders.map(\.id) == [old.id])
    search.createdFrom = hourAgo
    #expect(try await bench.store.search(search, nowMilliseconds: 0).orders.isEmpty)
  }

  @Test @LoopActor func whatNobodyAskedAboutIsReadFromItsQuestions() async throws {
    let bench = try await Bench()
    let order = try await bench.order(.sending, .sent, .completed)
    let id = order.id.description
    for (version, ago) in [(1, "10 minutes"), (2, "10 minutes"), (3, "10 minutes"), (4, "1 minute")] {
      _ = try await bench.sql(
        "UPDATE events SET at = now() - $2::text::interval WHERE order_id = $1::uuid AND version = $3::int", .text(id),
        .text(ago), .int(Int64(version)))
    }
    _ = try await bench.sql("DELETE FROM exchanges WHERE order_id = $1::uuid", .text(id))
    for ago in ["9 minutes", "1 minute"] {
      _ = try await bench.sql(
        "INSERT INTO exchanges (order_id, attempt, kind, request, status, reply, duration_ms, at)"
          + " VALUES ($1::uuid, 1, 'query', 'GET', 200, '', 500, now() - $2::text::interval)", .text(id), .text(ago))
    }
    let schedule = CheckSchedule(first: .seconds(60), backoff: .seconds(30), jitter: 0)
    let spent = try #require(
      try await bench.store.spent(
        of: [order.id], nowMilliseconds: Self.now, schedules: [bench.provider: schedule])[order.id])
    let unasked = try #require(spent.parts.first { $0.kind == .unasked })
    // Eight minutes but for the 30 s that were planned; each statement has a clock of its own.
    #expect((445_000...455_000).contains(unasked.milliseconds), "\(spent.parts)")
    #expect(spent.longest == unasked)
    let plain = try #require(try await bench.store.spent(of: [order.id], nowMilliseconds: Self.now)[order.id])
    #expect(plain.longest?.kind == .provider)
  }
}
