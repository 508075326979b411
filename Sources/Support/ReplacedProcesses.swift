/// Processes that do not answer any more, and that another took the place of: after one was killed and started again, the
/// list has both for a minute.
public enum ReplacedProcesses {
  /// - Parameters:
  ///   - silent: those that do not answer, with how long ago each was heard of.
  ///   - alive: those that do, with how long each has been running. Each takes the place of one at the most, of its program,
  ///     on its host, and only where it began after that was last heard of: else it ran beside it.
  /// - Returns: the names of those that are replaced.
  public static func among(
    _ silent: [(process: String, seenSecondsAgo: Int)], alive: [(process: String, uptimeSeconds: Int)]
  ) -> Set<String> {
    var replaced: Set<String> = []
    // Who began first takes the place of who died first.
    var free = alive.sorted { $0.uptimeSeconds > $1.uptimeSeconds }
    for one in silent.sorted(by: { $0.seenSecondsAgo > $1.seenSecondsAgo }) {
      let place = place(one.process)
      guard
        let index = free.firstIndex(where: {
          Self.place($0.process) == place && $0.uptimeSeconds <= one.seenSecondsAgo
        })
      else { continue }
      free.remove(at: index)
      replaced.insert(one.process)
    }
    return replaced
  }

  /// Program and host of `worker@db-1:13573:eqk4ld`.
  private static func place(_ process: String) -> Substring {
    var place = process[...]
    for _ in 0..<2 {
      guard let mark = place.lastIndex(of: ":") else { break }
      place = place[..<mark]
    }
    return place
  }
}
