internal import EventLoop

/// Which node serves which slot, as one node sees it.
struct ClusterMap: Sendable {
  /// Who serves slots.
  private(set) var masters: [SocketAddress] = []
  /// Of each master, in the same order.
  private(set) var replicas: [[SocketAddress]] = []
  /// By slot: an index into ``masters``, or ``nobody``.
  private var owners = [UInt16](repeating: nobody, count: RedisSlot.count)
  private static let nobody = UInt16.max

  /// What `CLUSTER SLOTS` answers.
  ///
  /// - Parameter asked: who answered, and means itself where it names no host.
  /// - Returns: nil when it makes no sense.
  init?(_ reply: RedisValue, asked: SocketAddress) {
    guard let ranges = reply.array else { return nil }
    for range in ranges {
      guard let parts = range.array, parts.count > 2, let first = parts[0].integer, let last = parts[1].integer,
        first >= 0, last >= first, last < RedisSlot.count
      else { return nil }
      // One that has no address yet was just met.
      let nodes = parts[2...].map { Self.address($0, asked: asked) }
      guard let master = nodes[0] else { continue }
      guard masters.count < RedisSlot.count else { return nil }
      let index = index(of: master)
      replicas[index] = nodes.dropFirst().compactMap { $0 }
      for slot in first...last { owners[Int(slot)] = UInt16(index) }
    }
  }

  private static func address(_ node: RedisValue, asked: SocketAddress) -> SocketAddress? {
    guard let parts = node.array, parts.count > 1, let port = parts[1].integer, (1...65_535).contains(port) else {
      return nil
    }
    let host = parts[0].text ?? ""
    guard host.isEmpty || host == "?" else { return .tcp(host: host, port: Int(port)) }
    guard case .tcp(let own, _) = asked else { return nil }
    return .tcp(host: own, port: Int(port))
  }

  private mutating func index(of master: SocketAddress) -> Int {
    if let index = masters.firstIndex(of: master) { return index }
    masters.append(master)
    replicas.append([])
    return masters.count - 1
  }

  /// Who serves a slot; nil when nobody does.
  func owner(of slot: Int) -> SocketAddress? {
    let index = Int(owners[slot])
    return index < masters.count ? masters[index] : nil
  }

  /// Notes what a node said of one slot, until the next map tells all.
  mutating func move(_ slot: Int, to master: SocketAddress) {
    guard masters.count < RedisSlot.count else { return }
    owners[slot] = UInt16(index(of: master))
  }

  /// How many slots nobody serves.
  var uncovered: Int { owners.count { $0 == Self.nobody } }

  /// How many slots each master serves, in the order of ``masters``.
  var slotCounts: [Int] {
    var counts = [Int](repeating: 0, count: masters.count)
    for owner in owners where owner != Self.nobody { counts[Int(owner)] += 1 }
    return counts
  }
}
