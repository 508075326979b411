import CNamespace
import EventLoop
import FoundationEssentials
import Glibc
import PrivateServers

/// The machines of a run, which are network namespaces: each has an address of its own on a bridge that is the run's own.
///
/// The names of all that is made hold the number of this process, so that what one left that was killed can be told.
@LoopActor
final class Hosts {
  /// RFC 2544 sets 198.18.0.0/15 aside for tests of networks: nobody's machine is reached by it.
  private static let networks = (18...19).flatMap { second in (0...255).map { "198.\(second).\($0)" } }
  private nonisolated static let programs = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"]
  private nonisolated static let namespacePrefix = "sevk-chaos-"
  private static let linkPrefix = "sevk"
  private static let firstAddress = 11
  /// A locally administered address that no card has.
  private static let nobody = "02:00:00:00:00:00"

  private let number = getpid()
  private let log: String
  private var network = ""
  /// Those that Sevk's processes run on.
  private(set) var fleet: [NetworkHost] = []
  /// Those of the servers, by what runs there.
  private(set) var servers: [NetworkHost] = []
  /// Where this program itself is, with the shops and their receivers.
  private(set) var shop = NetworkHost(name: "shop", namespace: nil, address: "")

  /// Why a run can have no hosts of its own; nil when it can.
  nonisolated static var obstacle: String? {
    if getuid() != 0 { return "--hosts needs root, since it makes network namespaces" }
    guard let program else { return "--hosts needs the program ip (apt install iproute2)" }
    // Root of a container may be refused that.
    let name = "\(namespacePrefix)\(getpid())-try"
    let isAllowed = ["add", "del"].allSatisfy { act in
      let words = [program, "netns", act, name]
      let made = try? ChildProgram(
        words: words, environment: ChildProgram.environment, log: "/dev/null", hasOwnGroup: true)
      return made?.wait() == .exited(0)
    }
    return isAllowed ? nil : "--hosts needs to make network namespaces, and “ip netns add” is refused here"
  }

  private nonisolated static var program: String? { programs.first { access($0, X_OK) == 0 } }

  /// Makes them.
  ///
  /// - Parameters:
  ///   - count: those of Sevk's processes.
  ///   - others: the names of those of servers.
  ///   - folder: for what `ip` says.
  /// - Throws: ``ChildProgram/Failure`` with what `ip` said.
  init(_ count: Int, others: [String], folder: String) throws {
    log = "\(folder)/ip"
    removeLeftovers()
    do {
      try build((1...count).map { "host-\($0)" }, others)
    } catch {
      remove()
      throw error
    }
  }

  private func build(_ names: [String], _ others: [String]) throws {
    network = try freeNetwork()
    shop = NetworkHost(name: "shop", namespace: nil, address: "\(network).1")
    try ip("link", "add", bridge, "type", "bridge")
    try ip("address", "add", "\(shop.address)/24", "dev", bridge)
    try ip("link", "set", bridge, "up")
    let all = try (names + others).enumerated().map { try add($1, Self.firstAddress + $0) }
    (fleet, servers) = (Array(all.prefix(names.count)), Array(all.dropFirst(names.count)))
  }

  private func add(_ name: String, _ last: Int) throws -> NetworkHost {
    let namespace = "\(Self.namespacePrefix)\(number)-\(name)"
    let host = NetworkHost(name: name, namespace: namespace, address: "\(network).\(last)")
    try ip("netns", "add", namespace)
    try ip("link", "add", port(of: host), "type", "veth", "peer", "name", "eth0", "netns", namespace)
    try ip("link", "set", port(of: host), "master", bridge, "up")
    try ip("-n", namespace, "address", "add", "\(host.address)/24", "dev", "eth0")
    try ip("-n", namespace, "link", "set", "eth0", "up")
    try ip("-n", namespace, "link", "set", "lo", "up")
    return host
  }

  /// The range that all addresses are of.
  var range: String { "\(network).0/24" }

  func server(_ name: String) -> NetworkHost? { servers.first { $0.name == name } }

  private var bridge: String { "\(Self.linkPrefix)\(number)b" }

  private func port(of host: NetworkHost) -> String {
    "\(Self.linkPrefix)\(number)p\(host.address.split(separator: ".").last ?? "")"
  }

  /// One that no other run has now.
  private func freeNetwork() throws -> String {
    let taken = try ip("-4", "-oneline", "address")
    let start = Int(number) % Self.networks.count
    let free = (Self.networks[start...] + Self.networks[..<start]).first { !taken.contains(" \($0).") }
    guard let free else { throw ChildProgram.Failure("no network of 198.18.0.0/15 is free") }
    return free
  }

  // MARK: Breaking them

  /// From now on what `one` sends to `other` goes to a card that nobody has: it does not arrive, and the sender is not told.
  /// (A blackhole route would tell it at once, by EINVAL.) What comes from `other` arrives as before.
  func cut(from one: NetworkHost, to other: NetworkHost) throws {
    try ip(
      at(one) + [
        "neighbour", "replace", other.address, "lladdr", Self.nobody, "dev", card(of: one), "nud", "permanent",
      ])
  }

  func mend(from one: NetworkHost, to other: NetworkHost) throws {
    try ip(at(one) + ["neighbour", "del", other.address, "dev", card(of: one)])
  }

  /// Pulls a host's cable, or puts it in again.
  func setLink(of host: NetworkHost, up: Bool) throws { try ip("link", "set", port(of: host), up ? "up" : "down") }

  private func at(_ host: NetworkHost) -> [String] { host.namespace.map { ["-n", $0] } ?? [] }
  private func card(of host: NetworkHost) -> String { host.namespace == nil ? bridge : "eth0" }

  // MARK: Sockets of theirs

  /// Does something with this thread on a host. A socket that is made there stays there.
  static func on<Value>(_ host: NetworkHost?, _ body: () throws -> Value) throws -> Value {
    guard let file = host?.file else { return try body() }
    let home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
    let there = open(file, O_RDONLY | O_CLOEXEC)
    defer {
      close(home)
      close(there)
    }
    guard home >= 0, there >= 0, sevk_enter_network(there) == 0 else {
      throw ChildProgram.Failure("cannot enter \(file): \(String(cString: strerror(errno)))")
    }
    let result = Result { try body() }
    guard sevk_enter_network(home) == 0 else {
      throw ChildProgram.Failure("cannot come back from \(file): \(String(cString: strerror(errno)))")
    }
    return try result.get()
  }

  // MARK: The end

  /// Takes everything away; processes that still run somewhere keep only what nobody reaches.
  func remove() { remove(of: number) }

  private func remove(of number: pid_t) {
    for name in Self.entries("/sys/class/net") where Self.owner(ofLink: name) == number {
      _ = try? ip("link", "del", name)
    }
    for name in Self.entries(NetworkHost.folder) where Self.owner(ofNamespace: name) == number {
      _ = try? ip("netns", "del", name)
    }
  }

  /// Takes away what runs left that were killed.
  private func removeLeftovers() {
    let owners =
      Self.entries("/sys/class/net").compactMap(Self.owner(ofLink:))
      + Self.entries(NetworkHost.folder).compactMap(Self.owner(ofNamespace:))
    for owner in Set(owners) where owner == number || !Self.isThere(owner) { remove(of: owner) }
  }

  private static func entries(_ folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }

  /// Whether there still is such a process; another's under the same number only lets its things lie for longer.
  private static func isThere(_ number: pid_t) -> Bool { kill(number, 0) == 0 || errno != ESRCH }

  /// Whose link it is; nil when it is none of ours.
  private static func owner(ofLink name: String) -> pid_t? {
    guard name.hasPrefix(linkPrefix) else { return nil }
    let rest = name.dropFirst(linkPrefix.count)
    let digits = rest.prefix(while: \.isWholeNumber)
    let end = rest.dropFirst(digits.count)
    guard end == "b" || end.first == "p" && Int(end.dropFirst()) != nil else { return nil }
    return pid_t(digits)
  }

  private static func owner(ofNamespace name: String) -> pid_t? {
    guard name.hasPrefix(namespacePrefix) else { return nil }
    return pid_t(name.dropFirst(namespacePrefix.count).prefix(while: \.isWholeNumber))
  }

  // MARK: ip

  @discardableResult
  private func ip(_ arguments: String...) throws -> String { try ip(arguments) }

  /// Waits for it without letting go of the thread: it takes some milliseconds, and the end of this process may not wait.
  @discardableResult
  private func ip(_ arguments: [String]) throws -> String {
    defer { unlink(log) }
    let ip = try ChildProgram(
      words: [Self.program ?? "ip"] + arguments, environment: ChildProgram.environment, log: log, hasOwnGroup: true)
    guard ip.wait() == .exited(0) else {
      throw ChildProgram.Failure("ip \(arguments.joined(separator: " ")) failed: \(ip.output)")
    }
    return ip.output
  }
}
