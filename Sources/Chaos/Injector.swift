import CrashPoints
import EventLoop
import FoundationEssentials
import Glibc
import Postgres
import PrivateServers
import Redis

/// Carries out the plan: one fault after the other, in three tracks.
@LoopActor
final class Injector {
  /// How long Redis, or a panel in an outage, stays away.
  private static let awayLasts = Duration.seconds(2)
  /// How much work lies between a snapshot and the crash after which it is restored.
  private static let snapshotAge = Duration.seconds(3)
  private static let recoveryWaitMax = Duration.seconds(10)
  private static let stormRounds = 5
  private static let stormPause = Duration.milliseconds(800)

  /// How long the panel turns sends away, so that some have to be sent again.
  private static let dropsLast = Duration.seconds(1)
  /// From a fault of the panel to the person there who mends what it left.
  private static let personTakes = Duration.seconds(4)

  /// The first of the two that sell the same.
  nonisolated static let firstProvider = "cautious"
  private static let resumesMax = 60
  /// Until what was done before is over.
  private static let quietInterval = Duration.milliseconds(100)
  private static let quietLimit = Duration.seconds(30)
  /// What a run must have left for it: such a time takes about half a minute.
  private static let quietWorth = Duration.seconds(75)

  private let servers: Servers
  private let fleet: Fleet
  private let panel: Panel
  private let outside: Outside
  private let recovery: RecoveryWatch
  private let stock: StockKeeper?
  private let serverFaults: ServerFaults
  private let networkFaults: NetworkFaults
  private let clockFaults: ClockFaults
  let failover: FailoverWatch
  /// Nothing else is begun until a provider was shut by itself: only then can anybody say that an order waits for nothing.
  private var isQuiet = false
  private(set) var counts: [FaultKind: Int] = [:]
  private(set) var streamWasLost = false
  private(set) var garbage: [JobGarbage] = []
  private(set) var deletedKeys: Set<String> = []
  /// Faults that could not be carried out, in words: the run says less than it seems to.
  private(set) var failures: [String] = []

  init(
    _ servers: Servers, _ fleet: Fleet, _ panel: Panel, _ outside: Outside, _ recovery: RecoveryWatch,
    _ stock: StockKeeper?
  ) {
    self.stock = stock
    (self.servers, self.fleet, self.panel, self.outside, self.recovery) = (servers, fleet, panel, outside, recovery)
    serverFaults = ServerFaults(servers)
    networkFaults = NetworkFaults(servers)
    clockFaults = ClockFaults(servers.shims)
    failover = FailoverWatch(servers)
  }

  /// Plays a track until its end or until `end`.
  func play(_ track: [FaultPlan.Planned], until end: ContinuousClock.Instant) async {
    let begun = ContinuousClock.now
    for fault in track {
      let pause = begun + .milliseconds(fault.atMilliseconds) - ContinuousClock.now
      if pause > .zero { try? await EventLoop.sleep(for: pause) }
      guard ContinuousClock.now < end else { return }
      // Orders have nothing to get over where it is others who are told.
      guard !fault.kind.isOfOutside else {
        await act(fault)
        continue
      }
      let wantsQuiet =
        fault.kind.isOfProvider && fault.pick % 2 == 0 && end - ContinuousClock.now > Self.quietWorth
      if wantsQuiet { await becomeQuiet() }
      while isQuiet, !fault.kind.isOfProvider, ContinuousClock.now < end {
        try? await EventLoop.sleep(for: Self.quietInterval)
      }
      guard ContinuousClock.now < end else { return }
      // Half of the faults strike while the last one is still being got over, half do not.
      if !fault.kind.isOfPanel, !fault.kind.isOfProvider, fault.pick % 2 == 0 {
        await recovery.recovered(within: Self.recoveryWaitMax)
      }
      recovery.begin(fault.kind)
      if !fault.kind.isOfProvider { failover.otherFault(begins: true) }
      await act(fault)
      if !fault.kind.isOfProvider { failover.otherFault(begins: false) }
      recovery.expect(fault.kind)
      if wantsQuiet { isQuiet = false }
    }
  }

  private func becomeQuiet() async {
    isQuiet = true
    try? await Waiting.until("nothing else was wrong", within: Self.quietLimit) {
      try await EventLoop.sleep(for: Self.quietInterval)
      return !self.failover.isDisturbed
    }
  }

  private func act(_ fault: FaultPlan.Planned) async {
    do {
      try await inject(fault)
      counts[fault.kind, default: 0] += 1
    } catch {
      failures.append("\(fault.kind.rawValue): \(error)")
    }
  }

  private func inject(_ fault: FaultPlan.Planned) async throws {
    if fault.kind.losesStream { streamWasLost = true }
    if try await serverFaults.inject(fault) { return }
    if let sentinels = servers.sentinels, try await SentinelFaults(servers, sentinels).inject(fault) { return }
    if let cluster = servers.cluster, try await ClusterFaults(cluster).inject(fault) { return }
    if try await networkFaults.inject(fault) { return }
    if let hosts = servers.hosts {
      let hostFaults = HostFaults(servers, fleet, hosts)
      if hostFaults.losesRedis(fault) { streamWasLost = true }
      if try await hostFaults.inject(fault) { return }
    }
    if try await clockFaults.inject(fault) { return }
    if try await outside.inject(fault) { return }
    if let point = fault.kind.crashPoint { return try await crash(at: point, pick: fault.pick) }
    let lasts = Duration.milliseconds(fault.lastsMilliseconds)
    switch fault.kind {
    case .killDispatcher: try await fleet.end("dispatcher", pick: fault.pick, SIGKILL)
    case .killWorker: try await fleet.end("worker", pick: fault.pick, SIGKILL)
    case .killScheduler: try await fleet.end("scheduler", pick: fault.pick, SIGKILL)
    case .killGateway: try await fleet.end("gateway", pick: fault.pick, SIGKILL)
    case .killAll: try await fleet.killAll()
    case .storm:
      for _ in 0..<Self.stormRounds {
        try await fleet.killAll()
        try await EventLoop.sleep(for: Self.stormPause)
      }
    case .termDispatcher: try await fleet.end("dispatcher", pick: fault.pick, SIGTERM)
    case .termWorker: try await fleet.end("worker", pick: fault.pick, SIGTERM)
    case .termScheduler: try await fleet.end("scheduler", pick: fault.pick, SIGTERM)
    case .termGateway: try await fleet.end("gateway", pick: fault.pick, SIGTERM)
    case .stopDispatcher: try await fleet.freeze("dispatcher", pick: fault.pick)
    case .stopWorker: try await fleet.freeze("worker", pick: fault.pick)
    case .stopScheduler: try await fleet.freeze("scheduler", pick: fault.pick)
    case .stopGateway: try await fleet.freeze("gateway", pick: fault.pick)
    case .flushAll: _ = try await servers.redis.command("FLUSHALL")
    case .redisEmpty:
      try await servers.restartRedis(isEmpty: true)
    case .redisSnapshot:
      _ = try await servers.redis.command("SAVE")
      try await EventLoop.sleep(for: Self.snapshotAge)
      try await servers.restartRedis(isEmpty: false)
    case .redisStop:
      if servers.sentinels != nil || servers.cluster != nil { streamWasLost = true }
      if let cluster = servers.cluster { return try await ClusterFaults(cluster).pause(for: Self.awayLasts, fault) }
      try await servers.pauseRedis(for: Self.awayLasts)
    case .redisKey:
      guard let key = try await servers.redis.command("RANDOMKEY").text else { return }
      if key.hasPrefix("sevk:events") { streamWasLost = true }
      deletedKeys.insert(key)
      _ = try await servers.redis.command("DEL", .string(key))
    case .scriptFlush: _ = try await servers.redis.command("SCRIPT", "FLUSH")
    case .clientKill: _ = try await servers.redis.everywhere("CLIENT", "KILL", "TYPE", "normal")
    case .postgresRestart: try await servers.restartPostgres()
    case .postgresTerminate:
      try await servers.postgres.script(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL")
    case .panelOutage:
      for simulator in servers.simulators { simulator.process.signal(SIGSTOP) }
      try await EventLoop.sleep(for: lasts)
      for simulator in servers.simulators { simulator.process.signal(SIGCONT) }
    case .panelBalanceOut:
      try await panel.setBalances("100")
      try await EventLoop.sleep(for: Self.personTakes)
      try await panel.setBalances(Servers.panelBalance)
    case .panelPriceChange:
      try await panel.setPrices(percent: 105 + fault.pick % 50)
      try await EventLoop.sleep(for: lasts)
      try await panel.setPrices(percent: 100)
    case .panelNeverEnds:
      try await spoilPanel("never-ends", fault)
      try await EventLoop.sleep(for: Self.personTakes)
      try await panel.settleNeverEnding()
    case .providerPaused:
      try await fleet.command("worker", ["provider", "pause", Self.firstProvider])
      try? await failover.watch(fault.kind)
      try await resumeFirst()
    case .providerBroke:
      try await panel.setBalances("1", of: Servers.kods[0])
      try? await failover.watch(fault.kind)
      try await panel.setBalances(Servers.panelBalance, of: Servers.kods[0])
    case .providerDown:
      servers.firstProxy?.mode = .refuse
      try? await failover.watch(fault.kind)
      servers.firstProxy?.mode = .pass
    case .providerEmpty:
      try await stock?.runEmpty { try? await self.failover.watch(fault.kind, product: Lineup.stockOrOther) }
    case .jobGarbage:
      garbage += try await JobGarbage.scatter(servers.redis, pick: fault.pick)
    default:
      guard let name = fault.kind.simulatorName else { return }
      try await spoilPanel(name, fault)
    }
  }

  /// Some points are reached only with the panel's or the clock's help.
  private func crash(at point: CrashPoint, pick: Int) async throws {
    switch point {
    case .sendUnanswered:
      // No send is answered, so that the process dies in the middle of one.
      try await panel.setFault("stall", share: 1)
      do { try await fleet.crash(at: point, pick: pick) } catch {
        try? await panel.setFault("stall", share: 0)
        throw error
      }
      try await panel.setFault("stall", share: 0)
    case .resendRecorded, .resendIntended, .resendAnswered:
      try await panel.setFault("drop-request", share: 1)
      try await EventLoop.sleep(for: Self.dropsLast)
      try await panel.setFault("drop-request", share: 0)
      try await fleet.crash(at: point, pick: pick)
    case .tickClaimed:
      // The tick of this minute is open again; who starts next takes it.
      _ = try await servers.redis.command("DEL", "sevk:ticks")
      try await fleet.crash(at: point, pick: pick)
    default:
      try await fleet.crash(at: point, pick: pick)
    }
  }

  /// Whatever else is done meanwhile: nobody else would.
  private func resumeFirst() async throws {
    var tries = 0
    while true {
      do { return _ = try await fleet.command("worker", ["provider", "resume", Self.firstProvider]) } catch {
        tries += 1
        if tries >= Self.resumesMax { throw error }
        try await EventLoop.sleep(for: .seconds(1))
      }
    }
  }

  private func spoilPanel(_ name: String, _ fault: FaultPlan.Planned) async throws {
    try await panel.setFault(name, share: fault.share)
    try await EventLoop.sleep(for: .milliseconds(fault.lastsMilliseconds))
    try await panel.setFault(name, share: 0)
  }
}
