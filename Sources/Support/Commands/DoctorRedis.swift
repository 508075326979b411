import CommandLine
import EventLoop
import Redis

/// Looks whether Redis is set up so that Sevk can rely on it, and what the sentinels or the nodes of a cluster say.
@LoopActor
enum DoctorRedis {
  /// Written to see whether Redis takes writes; gone after a second.
  private static let probe = "sevk:doctor"
  /// In a cluster so many are written, so that each master gets one as good as always.
  private static let clusterProbes = 48

  /// - Parameter answers: false when Redis does not, so that only sentinels and nodes are asked.
  static func examine(_ sources: SupportSources, answers: Bool) async -> (
    findings: [Doctor.Finding], notices: [Doctor.Finding]
  ) {
    var (findings, notices): ([Doctor.Finding], [Doctor.Finding]) = ([], [])
    let views = await sources.redis.sentinelViews()
    findings += look(at: views)
    findings += DoctorCluster.look(at: await sources.redis.clusterViews())
    guard answers else { return (findings, notices) }
    if let error = await refusal(sources.redis) {
      findings.append(
        .init(
          what: "redis_refuses_writes", count: 1, text: "Redis takes no writes: \(error.message)",
          mend: mend(error) + "; no order is lost, and none goes on meanwhile"))
    }
    // Who may not look (INFO) is told nothing.
    let answers = (try? await sources.redis.everywhere("INFO")) ?? []
    let servers = answers.map { (name: $0.server, info: RedisInfo((try? $0.answer.get())?.text)) }
    let evicting = servers.filter {
      $0.info["maxmemory"] != "0" && ![nil, "noeviction"].contains($0.info["maxmemory_policy"])
    }
    if let policy = evicting.first?.info["maxmemory_policy"] {
      findings.append(
        .init(
          what: "redis_evicts", count: evicting.count,
          text: "Redis drops jobs when it is full: maxmemory-policy is \(policy)",
          mend:
            "maxmemory-policy noeviction in redis.conf, and at once: redis-cli config set maxmemory-policy noeviction",
          examples: servers.count > 1 ? evicting.map(\.name) : []))
    }
    let info = servers.first?.info ?? RedisInfo(nil)
    let (known, following) = (views.map(\.replicas).max() ?? 0, info["connected_slaves"].flatMap { Int($0) })
    if info["role"] == "master", let following, following < known {
      findings.append(
        .init(
          what: "redis_replica_away", count: known - following,
          text: "\(known - following) of \(known) replicas of Redis \(known - following == 1 ? "is" : "are") away",
          mend: "start it; one that is gone for good: SENTINEL RESET MASTER at each sentinel"))
    }
    if !views.isEmpty, info["role"] == "master", info["min_slaves_good_slaves"] == nil {
      notices.append(
        .init(
          what: "redis_writes_alone", count: 1,
          text: "a master that is cut off from its replicas goes on taking writes, which a failover loses",
          mend:
            "min-replicas-to-write 1 in redis.conf of every server; the jobs are rebuilt from PostgreSQL in any case"))
    }
    return (findings, notices)
  }

  /// Why a write is refused; nil when none is.
  private static func refusal(_ redis: RedisClient) async -> RedisError? {
    for number in 0..<(redis.url.isCluster ? clusterProbes : 1) {
      let key = number == 0 ? probe : "\(probe):\(number)"
      do throws(RedisError) { _ = try await redis.command("SET", .string(key), 1, "PX", 1000) } catch { return error }
    }
    return nil
  }

  private static func mend(_ error: RedisError) -> String {
    switch error.code {
    case .replyError(prefix: "MISCONF"): "free the disk that it saves to, or mend what its log says"
    case .replyError(prefix: "OOM"): "raise maxmemory"
    case .replyError(prefix: "NOREPLICAS"): "start its replicas"
    case .replyError(prefix: "NOPERM"): "ops/redis/users.acl has what its user needs"
    default: "redis-cli info persistence, and its log"
    }
  }

  private static func look(at views: [SentinelView]) -> [Doctor.Finding] {
    var findings: [Doctor.Finding] = []
    let silent = views.filter { $0.problem != nil }
    if !silent.isEmpty {
      findings.append(
        .init(
          what: "sentinel_away", count: silent.count,
          text: "\(silent.count) of \(views.count) sentinels can't be asked: \(silent.first?.problem ?? "")",
          mend: silent.count * 2 < views.count
            ? "start it; the others do" : "start them: without most of them nothing fails over",
          examples: silent.map(\.sentinel)))
    }
    let masters = Set(views.compactMap(\.master)).sorted()
    if masters.count > 1 {
      findings.append(
        .init(
          what: "sentinels_disagree", count: masters.count,
          text: "the sentinels name different masters: \(masters.joined(separator: ", "))",
          mend: "wait for a failover to end; if it stays so, look for sentinels that are cut off"))
    }
    for view in views where view.problem == nil {
      if let flag = view.flags.first(where: { $0.hasSuffix("_down") || $0 == "disconnected" }) {
        findings.append(
          .init(
            what: "redis_master_down", count: 1,
            text: "the sentinel at \(view.sentinel) finds the master down (\(flag))",
            mend: "they fail over by themselves; see the log of the sentinels"))
        break
      }
    }
    if let short = views.first(where: { $0.problem == nil && $0.sentinels < max($0.quorum, 2) }) {
      findings.append(
        .init(
          what: "sentinel_quorum", count: 1,
          text:
            "nothing fails over: the sentinel at \(short.sentinel) knows \(short.sentinels) of them, and \(short.quorum) must agree",
          mend: "three sentinels on three machines, with quorum 2"))
    }
    if views.contains(where: { $0.problem == nil }), !views.contains(where: { $0.replicas > 0 }) {
      findings.append(
        .init(
          what: "redis_no_replica", count: 1, text: "the master has no replica, so nothing can take over",
          mend: "a second Redis with replicaof"))
    }
    return findings
  }
}

/// What INFO says, by its names.
private struct RedisInfo {
  private var values: [Substring: Substring] = [:]

  init(_ text: String?) {
    for line in (text ?? "").split(whereSeparator: \.isNewline) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      values[line[..<colon]] = line[line.index(after: colon)...]
    }
  }

  subscript(name: Substring) -> Substring? { values[name] }
}
