import EventLoop
import Redis

extension ClusterServers {
  private static let keysMax: Int64 = 100
  private static let migrateMilliseconds: Int64 = 10_000

  /// The slot of a key, as a node says.
  public func slot(of key: String) async throws -> Int {
    for index in ports.indices where isRunning(index) {
      if let slot = try? await command(to: index, ["CLUSTER", "KEYSLOT", .string(key)]).integer { return Int(slot) }
    }
    throw ChildProgram.Failure("no node answers")
  }

  /// Which node serves a slot now.
  public func owner(of slot: Int) async throws -> Int {
    for index in ports.indices where isRunning(index) {
      for range in (try? await command(to: index, ["CLUSTER", "SLOTS"]).array) ?? [] {
        guard let parts = range.array, parts.count > 2, let first = parts[0].integer, let last = parts[1].integer,
          first <= slot, slot <= last, let port = parts[2].array?[1].integer
        else { continue }
        if let owner = ports.firstIndex(of: Int(port)) { return owner }
      }
    }
    throw ChildProgram.Failure("nobody serves slot \(slot)")
  }

  /// Moves a slot with all its keys, as `redis-cli --cluster reshard` does.
  public func moveSlot(_ slot: Int, from source: Int, to target: Int) async throws {
    try await beginMove(of: slot, from: source, to: target)
    try await moveKeys(of: slot, from: source, to: target)
    try await endMove(of: slot, from: source, to: target)
  }

  /// From now on what the source lacks is asked of the target.
  public func beginMove(of slot: Int, from source: Int, to target: Int) async throws {
    let number = RedisArgument.integer(Int64(slot))
    _ = try await command(to: target, ["CLUSTER", "SETSLOT", number, "IMPORTING", .string(ids[source])])
    _ = try await command(to: source, ["CLUSTER", "SETSLOT", number, "MIGRATING", .string(ids[target])])
  }

  public func moveKeys(of slot: Int, from source: Int, to target: Int) async throws {
    while true {
      let keys =
        try await command(
          to: source, ["CLUSTER", "GETKEYSINSLOT", .integer(Int64(slot)), .integer(Self.keysMax)]
        ).array ?? []
      guard !keys.isEmpty else { return }
      let head: [RedisArgument] = [
        "MIGRATE", "127.0.0.1", .integer(Int64(ports[target])), "", 0, .integer(Self.migrateMilliseconds), "KEYS",
      ]
      _ = try await command(
        to: source, head + keys.compactMap { $0.bytes.map { .bytes($0) } },
        within: .milliseconds(2 * Self.migrateMilliseconds))
    }
  }

  /// The target serves the slot from now on, and all are told.
  public func endMove(of slot: Int, from source: Int, to target: Int) async throws {
    let words: [RedisArgument] = ["CLUSTER", "SETSLOT", .integer(Int64(slot)), "NODE", .string(ids[target])]
    _ = try await command(to: target, words)
    _ = try await command(to: source, words)
    for index in await masters() where index != source && index != target {
      _ = try? await command(to: index, words)
    }
  }
}
