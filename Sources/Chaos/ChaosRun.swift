import EventLoop
import FoundationEssentials
import HTTPClient
import Postgres
import PrivateServers
import Redis

/// One run from the empty folder to the verdict.
@LoopActor
final class ChaosRun {
  private static let postLimit = Duration.seconds(60)
  private static let pinsAtOnce = 16
  private static let tenants = ["shop", "market"]
  private static let garbageLimit = Duration.seconds(40)

  private let options: ChaosOptions
  private let folder: String
  private let servers: Servers
  private let http = HTTPClient()

  init(_ options: ChaosOptions, folder: String, hosts: Hosts?) throws {
    self.options = options
    self.folder = folder
    servers = try Servers(options, folder: folder, hosts: hosts)
  }

  func run() async throws -> Report {
    let fleet = Fleet(options, servers)
    let outside = Outside(options, servers, fleet)
    do {
      let report = try await run(fleet, outside)
      await close()
      return report
    } catch {
      try? await fleet.stop()
      await outside.stop()
      await close()
      throw error
    }
  }

  private func close() async {
    await servers.stop()
    http.close()
  }

  private func run(_ fleet: Fleet, _ outside: Outside) async throws -> Report {
    Output.line(
      "starting private Redis, PostgreSQL, simulated providers, receivers, subscribers and two of each process")
    try await servers.start()
    let tokens = try await setUp(fleet)
    try await outside.setUp(tenants: Self.tenants)
    let panel = Panel(addresses: servers.simulators.map(\.address), http: http)
    let stock =
      options.lineup.members.contains(where: \.isStock) ? StockKeeper(servers, fleet, seed: options.seed) : nil
    try await stock?.fill()
    try await fleet.start()
    for member in options.lineup.members where member.postsNotices {
      try await panel.setNotices(
        at: servers.simulator(of: member), form: member.adapter,
        urls: fleet.gateways.map { "http://\($0)/hooks/providers/\(member.name)" })
    }
    outside.follow(tenants: Self.tenants, tokens: tokens)

    let recovery = RecoveryWatch(servers.postgres, servers.redis)
    let subscribers = try Subscriber.Habit.allCases.map {
      Subscriber($0, try RedisURL(servers.redisURL), tenants: Self.tenants)
    }
    let injector = Injector(servers, fleet, panel, outside, recovery, stock)
    let shop = Shop(addresses: fleet.addresses, tokens: tokens, products: options.lineup.products)
    recovery.start()
    stock?.start()
    for subscriber in subscribers { subscriber.start() }

    Output.line("seed \(options.seed): orders and faults for \(options.minutes) min")
    let begun = ContinuousClock.now
    let lasts = Duration.milliseconds(Int(options.minutes * 60_000))
    let plan = FaultPlan(
      seed: options.seed, kinds: options.faults, milliseconds: Int(options.minutes * 60_000),
      outageMilliseconds: options.outageMinutes.map { Int($0 * 60_000) })
    async let first: Void = injector.play(plan.servers, until: begun + lasts)
    async let second: Void = injector.play(plan.panel, until: begun + lasts)
    async let third: Void = injector.play(plan.outside, until: begun + lasts)
    try await shop.run(rate: options.ordersPerSecond, for: lasts, limit: Self.postLimit)
    _ = await (first, second, third)

    if let problem = servers.simulatorProblem { throw ChildProgram.Failure(problem) }
    let ended = ContinuousClock.now
    Output.line("faults are over; waiting until \(shop.posts.count) orders are settled")
    try? await fleet.allStarted()
    // Faults that overlapped may have left some behind.
    try? await panel.settleNeverEnding()
    try await stock?.finish()
    let collector = Collector(servers: servers, panel: panel)
    let isSettled =
      (try? await Waiting.until("the orders were settled", within: .seconds(options.settleSeconds)) {
        await collector.isSettled()
      })
      != nil
    let garbage = try await ends(of: injector.garbage, fleet)
    let settledAfter = isSettled ? Shop.seconds(ContinuousClock.now - ended) : nil
    try await stock?.writeSomeOff()
    Output.line("closing the books by each provider's statement")
    let statements = try await Bookkeeper(servers: servers, fleet: fleet, http: http, folder: folder)
      .close(options.lineup)
    recovery.stop()
    try await outside.settle()

    var evidence = Evidence()
    evidence.posts = shop.posts
    evidence.statements = statements
    try await collector.readDatabase(into: &evidence)
    evidence.pins = await pins(of: evidence.orders, shop)
    // What stops last may still publish.
    var stopProblem: String?
    do { try await fleet.stop() } catch { stopProblem = "\(error)" }
    for subscriber in subscribers { await subscriber.stop() }
    await outside.stop()
    try await outside.read(into: &evidence)
    try await collector.readDatabase(into: &evidence)
    let books = try await collector.readPanel(into: &evidence)
    try await stock?.read(into: &evidence)
    evidence.notices = books.notices
    evidence.faultsOfPanel = books.faults
    evidence.panelWasHonest = books.faults.isEmpty && !injector.counts.keys.contains(where: \.spoilsPanel)
    evidence.deliveries = subscribers.flatMap(\.deliveries)
    evidence.subscribers = subscribers.map(\.habit.rawValue)
    evidence.alarms = Collector.alarms(folder: "\(folder)/log")
    evidence.withdrawals = Collector.withdrawals(folder: "\(folder)/log")
    // What is done to anything but the panel may cost the balance watch what it knew.
    evidence.sumsWereLost = injector.counts.keys.contains { !$0.isOfPanel && !$0.isOfProvider && !$0.isOfOutside }
    (evidence.foreignReads, evidence.foreignAnswers) = (shop.foreignReads, shop.foreignAnswers)
    evidence.badRequests = shop.badRequests
    evidence.garbage = garbage
    evidence.deletedKeys = injector.deletedKeys
    evidence.streamWasLost = injector.streamWasLost
    evidence.endings = fleet.endings
    evidence.needlessWaits = injector.failover.needlessWaits
    if let stopProblem { evidence.endings.append(.init(process: "all", how: "SIGTERM", problem: stopProblem)) }
    evidence.leaks = Collector.leaks(
      folder: "\(folder)/log", secrets: [Servers.sifre, fleet.secretKey] + Lineup.secrets + tokens + outside.secrets,
      pins: Set(books.orders.compactMap(\.pin) + (stock?.codes ?? [])))
    shop.close()
    return report(
      evidence, shop, injector, outside, recovery, books, Shop.seconds(ended - begun), settledAfter: settledAfter)
  }

  /// Jobs that nobody wrote end in the dead set; the last of them only when their leases ran out a few times.
  private func ends(of garbage: [JobGarbage], _ fleet: Fleet) async throws -> [Evidence.GarbageJob] {
    var ends: [(job: JobGarbage, end: Evidence.GarbageJob)] = []
    try? await Waiting.until("the garbage was buried", within: Self.garbageLimit) {
      ends = []
      for job in garbage {
        if let end = try? await job.end(self.servers.redis) { ends.append((job, end)) }
      }
      return ends.count == garbage.count
        && ends.allSatisfy { ["dead", "gone"].contains($0.end.state) || $0.end.mayWait }
    }
    return try await JobGarbage.withReasons(ends, fleet)
  }

  /// - Returns: a token for each tenant.
  private func setUp(_ fleet: Fleet) async throws -> [String] {
    try await fleet.command("dispatcher", ["migrate"])
    if fleet.sabotage != nil {
      // It would catch what the sabotage lets through: this is about the checker.
      try await servers.postgres.script(
        "ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_life, DROP CONSTRAINT IF EXISTS orders_claimed")
    }
    var tokens: [String] = []
    for tenant in Self.tenants {
      tokens.append(try await fleet.addTenant(tenant))
    }
    for member in options.lineup.members {
      let url = "http://\(servers.address(of: member))"
      try await fleet.command(
        "dispatcher",
        ["provider", "add", member.name, "--adapter", member.adapter] + (member.isStock ? [] : ["--base-url", url])
          + member.credentials.flatMap { ["--credential", $0.replacing("{url}", with: url)] }
          + ["--timeout", "2s", "--concurrency", "\(options.concurrency)"] + member.providerFlags)
    }
    for tenant in Self.tenants {
      for route in options.lineup.routes {
        try await fleet.command(
          "dispatcher",
          ["route", "add", "--tenant", tenant, "--product", route.product, "--provider", route.member.name]
            + route.member.parameters.flatMap { ["--param", $0] } + route.flags)
      }
    }
    return tokens
  }

  private func pins(of orders: [Evidence.Order], _ shop: Shop) async -> [String: String] {
    let delivered = orders.filter { $0.status == "completed" }.map(\.id)
    var pins: [String: String] = [:]
    await withTaskGroup(of: (String, String?).self) { group in
      for (index, id) in delivered.enumerated() {
        if index >= Self.pinsAtOnce, let (id, pin) = await group.next() { pins[id] = pin }
        group.addTask { (id, await shop.pin(of: id)) }
      }
      for await (id, pin) in group { pins[id] = pin }
    }
    return pins
  }

  private func report(
    _ evidence: Evidence, _ shop: Shop, _ injector: Injector, _ outside: Outside, _ recovery: RecoveryWatch,
    _ books: Panel.Books, _ seconds: Double, settledAfter: Double?
  ) -> Report {
    let checker = Checker(evidence)
    var report = Report(seed: options.seed, command: options.command, seconds: seconds)
    report.orders = evidence.posts.count
    report.statuses = Dictionary(evidence.orders.map { ($0.status, 1) }, uniquingKeysWith: +)
    report.repeats = shop.repeats
    report.faults = Dictionary(uniqueKeysWithValues: injector.counts.map { ($0.key.rawValue, $0.value) })
    report.panelFaults = books.faults
    report.busiestSecond = books.busiestSecond
    report.faultsNotDone = injector.failures
    report.notices = evidence.notices
    report.stock = evidence.stock?.tally ?? [:]
    report.endings = Dictionary(
      evidence.endings.map { ("\($0.process.prefix { $0 != "-" }) \($0.how)", 1) }, uniquingKeysWith: +)
    (report.lost, report.doubled) = (checker.count(.lost), checker.count(.doubled))
    report.wrongPins = checker.count(.wrongPin)
    report.needAPerson = checker.open
    report.remarks = checker.remarks
    report.tally = [
      "orders asked for under the wrong tenant": evidence.foreignReads,
      "bad requests answered": evidence.badRequests.count, "keys posted 100 times at once": shop.crowds,
      "posts by a slow client": shop.slowPosts, "outages of one of two providers judged": injector.failover.judged,
    ]
    report.outside = outside.tally
    report.replayed = outside.replayed
    report.garbage = Dictionary(evidence.garbage.map { ($0.state, 1) }, uniquingKeysWith: +)
    report.eventsDelivered = evidence.deliveries.count
    report.sends = evidence.panel.count
    report.worstRecoveryMilliseconds = Self.milliseconds(recovery.worst)
    report.worstUndisturbedRecoveryMilliseconds = Self.milliseconds(recovery.worstUndisturbed)
    report.settledAfterSeconds = settledAfter
    report.violations = checker.violations
    return report
  }

  private static func milliseconds(_ durations: [FaultKind: Duration]) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: durations.map { ($0.key.rawValue, Int(Shop.seconds($0.value) * 1000)) })
  }
}
