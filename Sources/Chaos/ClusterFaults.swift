import EventLoop
import Glibc
import PrivateServers
import Redis

/// What befalls a Redis Cluster: masters that die, and slots that move while they are in use.
@LoopActor
struct ClusterFaults {
  /// How long a node that was killed stays away; its replica needs some two seconds to take over.
  private static let awayLasts = Duration.seconds(5)
  /// Longer than the nodes wait.
  private static let stoppedLasts = Duration.seconds(6)
  private static let wholeLimit = Duration.seconds(60)
  private static let moveLimit = Duration.seconds(30)
  /// How long slots stay at a node that was added.
  private static let addedLasts = Duration.seconds(4)
  /// Keys that are looked at for slots that are in use.
  private static let keysLookedAt = 12
  private static let slotsMax = 4

  private let cluster: ClusterServers

  init(_ cluster: ClusterServers) { self.cluster = cluster }

  /// - Returns: whether the fault is one of these.
  func inject(_ fault: FaultPlan.Planned) async throws -> Bool {
    switch fault.kind {
    case .clusterKillMaster:
      let index = try await victim(fault)
      await cluster.servers[index].kill()
      try await EventLoop.sleep(for: Self.awayLasts)
      try await cluster.servers[index].start(isEmpty: false)
    case .clusterFailover:
      try await cluster.failOver(try await victim(fault))
    case .clusterStopMaster:
      try await pause(for: Self.stoppedLasts, fault)
    case .clusterMoveSlots:
      let source = try await victim(fault)
      let others = await cluster.masters().filter { $0 != source }
      guard !others.isEmpty else { return true }
      try await move(try await usedSlots(of: source), from: source, to: others[fault.pick / 7 % others.count])
    case .clusterAddNode:
      let source = try await victim(fault)
      let added = try await spare()
      let slots = try await usedSlots(of: source)
      try await move(slots, from: source, to: added)
      try await EventLoop.sleep(for: Self.addedLasts)
      // It has no replica, so nothing stays there.
      try await move(slots, from: added, to: source)
    default: return false
    }
    return true
  }

  /// Stops a master for a while.
  func pause(for time: Duration, _ fault: FaultPlan.Planned) async throws {
    let process = cluster.servers[try await victim(fault)].process
    process?.signal(SIGSTOP)
    defer { process?.signal(SIGCONT) }
    try await EventLoop.sleep(for: time)
  }

  /// A master that a replica can take over from.
  private func victim(_ fault: FaultPlan.Planned) async throws -> Int {
    try await Waiting.until("another failover is possible", within: Self.wholeLimit) { await cluster.isWhole() }
    let masters = await cluster.masters()
    guard !masters.isEmpty else { throw ChildProgram.Failure("the cluster has no masters") }
    return masters[fault.pick % masters.count]
  }

  /// A node without slots: one that was added before, or a new one.
  private func spare() async throws -> Int {
    if let index = cluster.added.first { return index }
    return try await cluster.addNode()
  }

  /// Slots of a master that have keys.
  private func usedSlots(of master: Int) async throws -> [Int] {
    var slots: [Int] = []
    for _ in 0..<Self.keysLookedAt {
      guard let key = try await cluster.command(to: master, ["RANDOMKEY"]).text else { continue }
      let slot = try await cluster.slot(of: key)
      if !slots.contains(slot) { slots.append(slot) }
    }
    return Array(slots.prefix(Self.slotsMax))
  }

  /// What was begun is brought to its end: a slot half here and half there serves nobody.
  private func move(_ slots: [Int], from source: Int, to target: Int) async throws {
    for slot in slots {
      try await Waiting.until("a slot was moved", within: Self.moveLimit) {
        do {
          try await cluster.moveSlot(slot, from: source, to: target)
          return true
        } catch {
          return (try? await cluster.owner(of: slot)) == target
        }
      }
    }
  }
}
