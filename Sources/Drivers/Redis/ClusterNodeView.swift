internal import EventLoop

/// What one node of a cluster says, and what the others say of it.
public struct ClusterNodeView: Sendable {
  /// Its address, as in the URL or as the cluster names it.
  public let node: String
  /// Why it says nothing; nil when it does.
  public let problem: String?
  /// Why it serves nothing; nil when it does, or says nothing.
  public let down: String?
  /// How many slots it serves, and how many replicas may take over from it.
  public let slots, replicas: Int
  /// How many slots nobody serves.
  public let uncovered: Int

  init(_ node: SocketAddress, _ answer: Result<ClusterAnswer, RedisError>, _ map: ClusterMap?) {
    self.node = "\(node)"
    switch answer {
    case .success(let answer): (problem, down) = (nil, answer.problem)
    case .failure(let error): (problem, down) = (error.message, nil)
    }
    let index = map?.masters.firstIndex(of: node)
    slots = index.flatMap { map?.slotCounts[$0] } ?? 0
    replicas = index.flatMap { map?.replicas[$0].count } ?? 0
    uncovered = map?.uncovered ?? RedisSlot.count
  }
}
