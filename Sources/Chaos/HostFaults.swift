import EventLoop
import PrivateServers

/// What befalls whole machines and the network between two of them.
@LoopActor
struct HostFaults {
  private static let wholeLimit = Duration.seconds(60)
  private static let mendLimit = Duration.seconds(20)

  private let servers: Servers
  private let fleet: Fleet
  private let hosts: Hosts

  init(_ servers: Servers, _ fleet: Fleet, _ hosts: Hosts) {
    (self.servers, self.fleet, self.hosts) = (servers, fleet, hosts)
  }

  /// - Returns: whether the fault is one of these.
  func inject(_ fault: FaultPlan.Planned) async throws -> Bool {
    let lasts = Duration.milliseconds(fault.lastsMilliseconds)
    let (one, other) = pair(fault.pick)
    switch fault.kind {
    case .hostPartition: try await cut([(one, other), (other, one)], for: lasts)
    case .hostOneWay: try await cut([fault.pick % 2 == 0 ? (one, other) : (other, one)], for: lasts)
    case .hostLost: try await lose(victim(fault.pick), for: lasts)
    default: return false
    }
    return true
  }

  /// Whether the fault takes Redis with it.
  func losesRedis(_ fault: FaultPlan.Planned) -> Bool {
    guard fault.kind == .hostLost else { return false }
    return servers.sentinels != nil || victim(fault.pick).name == Servers.redisHost
  }

  /// One of Sevk's hosts and any other, the shops' included.
  private func pair(_ pick: Int) -> (NetworkHost, NetworkHost) {
    let one = hosts.fleet[pick / 2 % hosts.fleet.count]
    var others = hosts.servers + hosts.fleet.filter { $0 != one }
    // Where a host has a server of its own, this program needs the way to it for its own looks.
    if servers.sentinels == nil { others.append(hosts.shop) }
    return (one, others[pick / 2 / hosts.fleet.count % others.count])
  }

  /// Not the one with the simulators: their books are what the run is judged by.
  private func victim(_ pick: Int) -> NetworkHost {
    let all =
      hosts.fleet + hosts.servers.filter { $0.name == Servers.redisHost || $0.name == servers.primary.name }
    return all[pick % all.count]
  }

  private func cut(_ ways: [(from: NetworkHost, to: NetworkHost)], for lasts: Duration) async throws {
    var failure: (any Error)?
    do {
      for way in ways { try hosts.cut(from: way.from, to: way.to) }
      try await EventLoop.sleep(for: lasts)
    } catch { failure = error }
    for way in ways {
      do { try hosts.mend(from: way.from, to: way.to) } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  /// The cable goes first, so that nobody is told by the farewell of a dying process.
  private func lose(_ host: NetworkHost, for lasts: Duration) async throws {
    if let sentinels = servers.sentinels {
      try await Waiting.until("another failover is possible", within: Self.wholeLimit) { await sentinels.isWhole() }
    }
    try hosts.setLink(of: host, up: false)
    var failure: (any Error)?
    do {
      try await fleet.lose(host)
      await servers.lose(host)
      try await EventLoop.sleep(for: lasts)
    } catch { failure = error }
    try hosts.setLink(of: host, up: true)
    do { try await servers.bringBack(host) } catch { failure = failure ?? error }
    try fleet.bringBack(host)
    if let failure { throw failure }
  }
}
