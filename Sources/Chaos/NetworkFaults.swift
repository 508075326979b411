import EventLoop

/// Breaks the way between Sevk and one of its servers, and mends it.
@LoopActor
struct NetworkFaults {
  private static let refusesFor = Duration.seconds(1)
  private static let modes: [(ending: String, mode: NetworkProxy.Mode)] = [
    ("-partition", .partition), ("-oneway", .oneWay), ("-delay", .delay), ("-reset", .refuse), ("-cut", .cut),
    ("-surplus", .surplus),
  ]

  private let servers: Servers

  init(_ servers: Servers) { self.servers = servers }

  /// - Returns: whether the fault is one of these.
  func inject(_ fault: FaultPlan.Planned) async throws -> Bool {
    let name = fault.kind.rawValue
    guard fault.kind.isOfNetwork, let mode = Self.modes.first(where: { name.hasSuffix($0.ending) })?.mode else {
      return false
    }
    let proxies =
      name.hasPrefix("net-redis-")
      ? [servers.redisProxy]
      : name.hasPrefix("net-postgres-") ? servers.postgresProxies : Array(servers.panelProxies.values)
    defer { for proxy in proxies { proxy.mode = .pass } }
    for proxy in proxies { proxy.mode = mode }
    try await EventLoop.sleep(for: mode == .refuse ? Self.refusesFor : .milliseconds(fault.lastsMilliseconds))
    return true
  }
}
