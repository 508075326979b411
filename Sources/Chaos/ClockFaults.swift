import EventLoop

/// Steps of wall clocks: of one process, of Redis, of PostgreSQL, or of all to and fro.
@LoopActor
struct ClockFaults {
  private static let step = Duration.seconds(3600)
  private static let lasts = Duration.seconds(5)
  private static let strobes = 15
  private static let strobeInterval = Duration.milliseconds(200)

  private let shims: Shims

  init(_ shims: Shims) { self.shims = shims }

  /// - Returns: whether the fault is one of these.
  func inject(_ fault: FaultPlan.Planned) async throws -> Bool {
    switch fault.kind {
    case .clockProcess:
      let processes = shims.names.filter { name in Fleet.programs.contains { name.hasPrefix($0) } }
      try await step(processes[fault.pick / 2 % processes.count], fault)
    case .clockRedis: try await step("redis", fault)
    case .clockPostgres: try await step("postgres", fault)
    case .clockStrobe: try await strobe()
    default: return false
    }
    return true
  }

  /// Forward for an even pick, back for an odd one.
  private func step(_ program: String, _ fault: FaultPlan.Planned) async throws {
    defer { shims.setClock(of: program, ahead: .zero) }
    shims.setClock(of: program, ahead: fault.pick % 2 == 0 ? Self.step : .zero - Self.step)
    try await EventLoop.sleep(for: Self.lasts)
  }

  private func strobe() async throws {
    defer { for name in shims.names { shims.setClock(of: name, ahead: .zero) } }
    for turn in 0..<Self.strobes {
      for (index, name) in shims.names.enumerated() {
        let offset = [Duration.zero, Self.step, .zero - Self.step][(turn + index) % 3]
        shims.setClock(of: name, ahead: offset)
      }
      try await EventLoop.sleep(for: Self.strobeInterval)
    }
  }
}
