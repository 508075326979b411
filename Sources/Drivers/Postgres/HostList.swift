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

  init(url: String) {
    var values: [String: String] = [:]
    // What the URL leaves open comes from the environment (PGHOST, PGPORT …).
    for options in [PQconndefaults(), PQconninfoParse(url, nil)] {
      guard let options else { continue }
      defer { PQconninfoFree(options) }
      var option = options
      while let keyword = option.pointee.keyword {
        if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
        option += 1
      }
    }
    guard (values["service"] ?? "").isEmpty, (values["hostaddr"] ?? "").isEmpty, let names = values["host"],
      !names.isEmpty
    else {
      hosts = []
      return
    }
    let parts = names.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let ports = (values["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    // One port goes for all hosts; any other mismatch is libpq's to refuse.
    guard ports.count <= 1 || ports.count == parts.count else {
      hosts = []
      return
    }
    hosts = parts.enumerated().map { Host(name: $1, port: ports.count > 1 ? ports[$0] : ports.first ?? "") }
  }

  private func isSocket(_ name: String) -> Bool { name.isEmpty || name.hasPrefix("/") || name.hasPrefix("@") }

  /// Keywords and values that take the place of the URL's; none when nothing has to be looked up.
  ///
  /// A name that nobody knows is left out as long as another is left.
  func resolved(within limit: Duration) async throws(PostgresError) -> [(keyword: String, value: String)] {
    guard hosts.contains(where: { !isSocket($0.name) && !Resolver.isAddress($0.name) }) else { return [] }
    let deadline = EventLoop.shared.nowMilliseconds + limit.wholeMilliseconds
    var found: [(name: String, address: String, port: String)] = []
    var failure: String?
    for host in hosts {
      guard !isSocket(host.name) else {
        found.append((host.name, "", host.port))
        continue
      }
      let now = EventLoop.shared.nowMilliseconds
      do throws(StreamError) {
        let rest = Duration.milliseconds(deadline > now ? deadline - now : 0)
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
    func list(_ parts: [String]) -> String { parts.joined(separator: ",") }
    let ports = found.map(\.port)
    return [("host", list(found.map(\.name))), ("hostaddr", list(found.map(\.address)))]
      + (ports.contains { !$0.isEmpty } ? [("port", list(ports))] : [])
  }
}
