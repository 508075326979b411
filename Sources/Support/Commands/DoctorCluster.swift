import Redis

/// What the nodes of a Redis Cluster say.
enum DoctorCluster {
  /// - Returns: nothing where there is no cluster.
  static func look(at views: [ClusterNodeView]) -> [Doctor.Finding] {
    guard let any = views.first else { return [] }
    var findings: [Doctor.Finding] = []
    let silent = views.filter { $0.problem != nil }
    if !silent.isEmpty {
      findings.append(
        .init(
          what: "redis_node_away", count: silent.count,
          text: "\(silent.count) of \(views.count) nodes of the cluster can't be asked: \(silent.first?.problem ?? "")",
          mend: "start it; where it has a replica, that takes over by itself", examples: silent.map(\.node)))
    }
    if let down = views.lazy.compactMap(\.down).first {
      findings.append(
        .init(
          what: "redis_cluster_down", count: 1, text: "Redis takes no commands: \(down)",
          mend: "start the nodes that are away; redis-cli --cluster check HOST:PORT says what is missing"))
    }
    if any.uncovered > 0 {
      findings.append(
        .init(
          what: "redis_slots_uncovered", count: any.uncovered, text: "\(any.uncovered) slots are served by nobody",
          mend: "redis-cli --cluster fix HOST:PORT"))
    }
    let alone = views.filter { $0.slots > 0 && $0.replicas == 0 }
    if !alone.isEmpty {
      findings.append(
        .init(
          what: "redis_no_replica", count: alone.count,
          text: alone.count == 1
            ? "a master has no replica that works, so nothing can take over from it"
            : "\(alone.count) masters have no replica that works, so nothing can take over from them",
          mend:
            "redis-cli --cluster add-node NEW HOST:PORT --cluster-slave --cluster-master-id ID, or start the one it has",
          examples: alone.map(\.node)))
    }
    return findings
  }
}
