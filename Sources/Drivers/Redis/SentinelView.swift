/// What one sentinel says of the master.
public struct SentinelView: Sendable {
  /// Its own address, as in the URL.
  public let sentinel: String
  /// Why it says nothing; nil when it does.
  public let problem: String?
  /// Where the master is by its word.
  public let master: String?
  /// What is amiss with the master, such as `s_down`, `o_down`, `failover_in_progress`.
  public let flags: [String]
  /// How many sentinels must agree before a failover, and how many there are by its word, itself included.
  public let quorum, sentinels: Int
  /// Replicas that it knows of.
  public let replicas: Int

  init(_ sentinel: String, problem: String) {
    (self.sentinel, self.problem, master, flags) = (sentinel, problem, nil, [])
    (quorum, sentinels, replicas) = (0, 0, 0)
  }

  init(_ sentinel: String, _ entry: SentinelEntry) {
    self.sentinel = sentinel
    problem = nil
    master = entry["ip"].flatMap { host in entry["port"].map { "\(host):\($0)" } }
    flags = (entry["flags"] ?? "").split(separator: ",").map(String.init).filter { $0 != "master" }
    quorum = Self.count(entry["quorum"])
    sentinels = 1 + Self.count(entry["num-other-sentinels"])
    replicas = Self.count(entry["num-slaves"])
  }

  /// What a server says is not believed to make sense: a count beyond any number that can be is none.
  private static func count(_ text: String?) -> Int { text.flatMap { Int32($0) }.map { max(0, Int($0)) } ?? 0 }
}
