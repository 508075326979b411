import EventLoop
import PrivateServers

/// What befalls a Redis that sentinels watch.
@LoopActor
struct SentinelFaults {
  /// How long a server that was killed stays away; the sentinels need some two seconds for another master.
  private static let awayLasts = Duration.seconds(5)
  /// Longer than the sentinels wait.
  private static let stoppedLasts = Duration.seconds(6)
  private static let sentinelAwayLasts = Duration.seconds(4)
  private static let wholeLimit = Duration.seconds(60)

  private let servers: Servers
  private let sentinels: SentinelServers

  init(_ servers: Servers, _ sentinels: SentinelServers) { (self.servers, self.sentinels) = (servers, sentinels) }

  /// - Returns: whether the fault is one of these.
  func inject(_ fault: FaultPlan.Planned) async throws -> Bool {
    switch fault.kind {
    case .sentinelKillMaster:
      // A failover that is still under way has no other candidate.
      try await whole()
      let index = await sentinels.masterIndex() ?? 0
      await sentinels.servers[index].kill()
      try await EventLoop.sleep(for: Self.awayLasts)
      try await sentinels.servers[index].start(isEmpty: false)
    case .sentinelFailover:
      try await whole()
      try await sentinels.failOver()
    case .sentinelStopMaster:
      try await whole()
      try await servers.pauseRedis(for: Self.stoppedLasts)
    case .sentinelDown:
      let index = fault.pick % sentinels.sentinelPorts.count
      await sentinels.killSentinel(index)
      try await EventLoop.sleep(for: Self.sentinelAwayLasts)
      try sentinels.startSentinel(index)
    default: return false
    }
    return true
  }

  private func whole() async throws {
    try await Waiting.until("another failover is possible", within: Self.wholeLimit) { await sentinels.isWhole() }
  }
}
