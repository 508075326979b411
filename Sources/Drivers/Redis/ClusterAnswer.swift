internal import EventLoop

/// What one node says of its cluster.
struct ClusterAnswer: Sendable {
  let node: SocketAddress
  let map: ClusterMap
  /// Grows with each change of who serves what: who knows the greatest knows the newest.
  let epoch: Int64
  /// Why it serves nothing; nil when it does.
  let problem: String?

  /// - Throws: ``RedisError`` where it makes no sense.
  init(_ node: SocketAddress, slots: RedisValue, info: RedisValue) throws(RedisError) {
    guard let map = ClusterMap(slots, asked: node), let text = info.text else {
      throw RedisError(.protocolError, "Redis at \(node) gave an unexpected answer to CLUSTER SLOTS or CLUSTER INFO")
    }
    var fields: [Substring: Substring] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[line[..<colon]] = line[line.index(after: colon)...]
    }
    self.node = node
    self.map = map
    epoch = fields["cluster_current_epoch"].flatMap { Int64($0) } ?? 0
    let state = fields["cluster_state"] ?? "unknown"
    guard state != "ok" else {
      problem = nil
      return
    }
    let failed = (fields["cluster_slots_fail"].flatMap { Int($0) } ?? 0) + map.uncovered
    problem =
      "the cluster is down (CLUSTERDOWN): cluster_state is \(state) at \(node)"
      + (failed > 0
        ? "; \(failed) of \(RedisSlot.count) slots are served by nobody" : "; it may be cut off from most masters")
  }
}
