internal import CMicroHTTPD
import EventLoop
import Glibc

/// A client's connection, from accept to close.
@LoopActor
final class Connection {
  let descriptor: Int32
  let peer: String
  /// The request under way, from its complete head to the last byte of its answer.
  var exchange: HTTPExchange?
  /// When this connection became ready for a request, in the loop's milliseconds; nil once the request is here whole.
  var readySince: UInt64?

  init(handle: OpaquePointer) {
    descriptor = sevk_mhd_connection_fd(handle)
    peer = Connection.address(of: handle)
    readySince = EventLoop.shared.nowMilliseconds
  }

  /// Ends the connection in both directions. libmicrohttpd, which owns the descriptor, finds it ended and closes it.
  func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Sends RST instead of an orderly end.
  ///
  /// `SO_LINGER` alone is not enough, since libmicrohttpd shuts a connection down (FIN) before it closes it.
  /// Dissolving the association resets the peer at once.
  func reset() {
    var hard = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
    var nowhere = sockaddr()
    nowhere.sa_family = sa_family_t(AF_UNSPEC)
    _ = connect(descriptor, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
  }

  /// Writes a final answer past libmicrohttpd, which takes none while a body arrives, and ends the sending side.
  ///
  /// The rest of the request must still be read and dropped for a while: closing with unread bytes would reset the
  /// connection, and the client would lose this answer.
  func sendLast(_ answer: [UInt8]) {
    // An answer of a few hundred bytes fits into the empty buffer of a connection whose earlier answers are sent.
    _ = answer.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    shutdown(descriptor, Int32(SHUT_WR))
  }

  private static func address(of handle: OpaquePointer) -> String {
    guard let address = sevk_mhd_client_address(handle) else { return "" }
    let isIPv6 = Int32(address.pointee.sa_family) == AF_INET6
    let size = isIPv6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { text in
      guard let start = text.baseAddress,
        getnameinfo(address, socklen_t(size), start, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
      else { return "" }
      return String(cString: start)
    }
  }
}
