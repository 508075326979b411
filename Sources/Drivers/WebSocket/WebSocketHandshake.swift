import Cipher
import EventLoop
public import HTTPServer

/// The opening of a WebSocket connection (RFC 6455, section 4.2).
public enum WebSocketHandshake {
  /// Why a request opens none.
  public enum Refusal: Error, Equatable {
    /// It asks for none at all.
    case noUpgrade
    /// It asks for a version that is not 13.
    case wrongVersion
    /// It is malformed; what is wrong.
    case malformed(String)
    /// It offers subprotocols, none of which is spoken here.
    case wrongProtocol

    /// What an answer to it must say.
    public var headers: [(String, String)] {
      switch self {
      case .noUpgrade: [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13")]
      case .wrongVersion: [("Sec-WebSocket-Version", "13")]
      case .malformed, .wrongProtocol: []
      }
    }
  }

  private static let salt = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
  private static let keyBytes = 16

  /// The answer that opens a connection.
  ///
  /// - Parameters:
  ///   - name: the subprotocol; a client that offers none speaks it too.
  ///   - open: gets the connection.
  public static func answer(
    _ request: HTTPRequest, subprotocol name: String, open: @escaping @LoopActor @Sendable (HandedConnection) -> Void
  ) throws(Refusal) -> HTTPResponse {
    let (accept, hasOffer) = try check(request, name)
    var headers = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept)]
    if hasOffer { headers.append(("Sec-WebSocket-Protocol", name)) }
    return HTTPResponse(status: 101, headers: headers, body: .handover(open))
  }

  /// Whether a request would open a connection, before anything is done for it.
  @discardableResult
  public static func check(
    _ request: HTTPRequest, _ subprotocol: String
  ) throws(Refusal) -> (accept: String, hasOffer: Bool) {
    guard list(request, "Upgrade").contains(where: { $0.lowercased() == "websocket" }),
      list(request, "Connection").contains(where: { $0.lowercased() == "upgrade" })
    else { throw .noUpgrade }
    guard request.headers("Sec-WebSocket-Version") == ["13"] else { throw .wrongVersion }
    let keys = request.headers("Sec-WebSocket-Key")
    guard keys.count == 1, Base64.decode(keys[0])?.count == keyBytes else {
      throw .malformed("the header Sec-WebSocket-Key must stand once, and be 16 bytes in Base64")
    }
    guard request.body.isEmpty else { throw .malformed("a request that opens a WebSocket has no body") }
    let offers = list(request, "Sec-WebSocket-Protocol")
    guard offers.isEmpty || offers.contains(subprotocol) else { throw .wrongProtocol }
    return (Base64.encode(Digest.sha1((keys[0] + salt).utf8)), !offers.isEmpty)
  }

  private static func list(_ request: HTTPRequest, _ name: String) -> [String] {
    request.headers(name).flatMap { $0.split(separator: ",") }.map { item in
      String(item.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
  }
}
