internal import CPostgres
import EventLoop

/// The hosts of a connection string, to be looked up before libpq sees them.
///
/// libpq takes an address beside each name (`hostaddr`): it connects there, and goes on using the name for certificates
/// and passwords. Hosts that come from a service file are left to libpq, and so are sockets and what has an address
/// already.
@LoopActor
struct HostList {
  /// One server to be tried, as in libpq's lists.
  private struct Host {
    let name: String
    let port: String
  }

  private let hosts: [Host]
  /// Whether more than one server may be meant.
  var isSeveral: Bool { hosts.count > 1 }
  /// libpq goes through the list twice then.
  private let prefersStandby: Bool
  private let saysNothingOfSession: Bool

  init(url: String) {
    var values: [String: String] = [:]
    var usualPort = ""
    // What the URL leaves open comes from the environment (PGHOST, PGPORT …).
    for options in [PQconndefaults(), PQconninfoParse(url, nil)] {
      guard let options else { continue }
      defer { PQconninfoFree(options) }
      var option = options
      while let keyword = option.pointee.keyword {
        if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
        option += 1
      }
      if usualPort.isEmpty { usualPort = values["port"] ?? "" }
    }
    let session = values["target_session_attrs"] ?? ""
    (prefersStandby, saysNothingOfSession) = (session == "prefer-standby", session.isEmpty || session == "any")
    guard (values["service"] ?? "").isEmpty, (values["hostaddr"] ?? "").isEmpty, let names = values["host"],
      !names.isEmpty
    else {
      hosts = []
      return
    }
    // What a list of ports leaves open; of a URL without any it says no more than commas.
    let usual = usualPort.isEmpty ? "5432" : usualPort
    let parts = names.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let ports = (values["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    // One port goes for all hosts; any other mismatch is libpq's to refuse.
    guard ports.count <= 1 || ports.count == parts.count else {
      hosts = []
      return
    }
    hosts = parts.enumerated().map { number, name in
      let port = ports.count > 1 ? ports[number] : ports.first ?? ""
      return Host(name: name, port: port.isEmpty ? usual : port)
    }
  }

  private func isSocket(_ name: String) -> Bool { name.isEmpty || name.hasPrefix("/") || name.hasPrefix("@") }

  /// The servers to be tried, each as keywords and values that take the place of the URL's.
  ///
  /// libpq itself would wait at the first address for as long as there is: a machine without power answers nothing, and
  /// the next would never be tried. So each address is an attempt of its own. A name that nobody knows is left out as long
  /// as another is left. Hosts that this does
  /// not know are libpq's.
  func attempts(within limit: Duration) async throws(PostgresError) -> [[(keyword: String, value: String)]] {
    guard !hosts.isEmpty else { return [[]] }
    let deadline = EventLoop.shared.nowMilliseconds + limit.wholeMilliseconds
    var found: [(name: String, address: String, port: String)] = []
    var failure: String?
    for (number, host) in hosts.enumerated() {
      guard !isSocket(host.name), !Resolver.isAddress(host.name) else {
        found.append((host.name, "", host.port))
        continue
      }
      let now = EventLoop.shared.nowMilliseconds
      do throws(StreamError) {
        // A name server that says nothing leaves the other names, and the servers, their share of the time.
        let rest = Duration.milliseconds((deadline > now ? deadline - now : 0) / UInt64(hosts.count - number + 1))
        for address in try await Resolver.addresses(of: host.name, within: rest) {
          found.append((host.name, address, host.port))
        }
      } catch {
        failure = error.description
      }
    }
    guard !found.isEmpty else {
      throw PostgresError(
        .unavailable, "PostgreSQL at \(hosts.map(\.name).joined(separator: ",")): \(failure ?? "no host")")
    }
    func keywords(_ servers: [(name: String, address: String, port: String)]) -> [(keyword: String, value: String)] {
      func list(_ parts: [String]) -> String { parts.joined(separator: ",") }
      return standing
        + [
          ("host", list(servers.map(\.name))), ("hostaddr", list(servers.map(\.address))),
          ("port", list(servers.map(\.port))),
        ].filter { $0.1.contains { $0 != "," } }
    }
    return prefersStandby ? [keywords(found)] : found.map { keywords([$0]) }
  }

  /// Of several servers one is the primary, and no other will do: without a word about it, a standby would be taken that
  /// refuses each write.
  private var standing: [(keyword: String, value: String)] {
    isSeveral && saysNothingOfSession ? [("target_session_attrs", "primary")] : []
  }
}
