internal import EventLoop

/// What a node of a cluster says of a command that it did not carry out, since another one is to be asked.
struct ClusterRedirect: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    /// The slot lies there from now on.
    case moved
    /// This one command goes there, behind `ASKING`: the slot is on its way.
    case ask
  }

  let kind: Kind
  let slot: Int
  /// Nil where the node does not know it.
  private let host: String?
  private let port: Int

  /// - Parameter text: such as `MOVED 3999 127.0.0.1:6381`; nil when it is none of these.
  init?(_ text: String) {
    let words = text.split(separator: " ")
    guard words.count == 3, let slot = Int(words[1]), (0..<RedisSlot.count).contains(slot),
      let colon = words[2].lastIndex(of: ":"), let port = UInt16(words[2][words[2].index(after: colon)...]), port > 0
    else { return nil }
    switch words[0] {
    case "MOVED": kind = .moved
    case "ASK": kind = .ask
    default: return nil
    }
    self.slot = slot
    self.port = Int(port)
    host = words[2][..<colon] == "?" ? nil : String(words[2][..<colon])
  }

  /// Where to go; nil where the node does not know it.
  ///
  /// - Parameter asked: who said so, and means itself where it names no host.
  func address(asked: SocketAddress) -> SocketAddress? {
    guard let host else { return nil }
    guard host.isEmpty else { return .tcp(host: host, port: port) }
    guard case .tcp(let own, _) = asked else { return nil }
    return .tcp(host: own, port: port)
  }
}
