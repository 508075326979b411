/// What a server says of itself, in its answer to HELLO.
struct RedisKind {
  /// `standalone`, `sentinel` or `cluster`.
  let mode: String?
  /// `master` or `replica`; a sentinel has none.
  let role: String?

  /// Of a server that does not know HELLO and answered ROLE.
  init(role: String) { (mode, self.role) = (nil, role) }

  /// Names and values in turn; nil when the answer is none of HELLO.
  init?(_ reply: RedisValue) {
    guard let parts = reply.array else { return nil }
    var found: [String: String] = [:]
    for index in stride(from: 0, to: parts.count - 1, by: 2) {
      if let name = parts[index].text, let value = parts[index + 1].text { found[name] = value }
    }
    guard found["mode"] != nil || found["role"] != nil else { return nil }
    (mode, role) = (found["mode"], found["role"])
  }

  /// Completes the name of a server.
  static let noNode = "is no node of a Redis Cluster; redis:// goes there"

  /// Why a server of this kind is of no use as `target`; nil when it is what is wanted.
  func problem(as target: RedisTarget) -> RedisError? {
    guard target.kind != .unknown else { return nil }
    if target.kind == .sentinel {
      guard mode != "sentinel" else { return nil }
      return RedisError(.wrongServer, "\(target.name) is no sentinel but Redis itself: redis:// goes there")
    }
    if target.kind == .node, let mode, mode == "standalone" {
      return RedisError(.wrongServer, "\(target.name) \(Self.noNode)")
    }
    switch mode {
    case "sentinel":
      return RedisError(
        .wrongServer,
        "\(target.name) is a sentinel and keeps no data; redis+sentinel://HOST:PORT/MASTER asks it for its master")
    case "cluster" where target.kind != .node:
      return RedisError(
        .wrongServer, "\(target.name) is a node of a Redis Cluster; redis+cluster://HOST:PORT,HOST:PORT goes there")
    default: break
    }
    guard target.kind == .master else { return nil }
    guard role == "replica" || role == "slave" else { return nil }
    // It may be made a master at any moment.
    return RedisError(
      .unavailable, "\(target.name) is a replica and takes no writes; the URL must lead to its master")
  }
}
