/// A whole answer, or as much of it as was wanted (``HTTPClientRequest/cutsAnswer``), whatever its status. Redirects are answers too: none is followed.
public struct HTTPClientReply: Sendable {
  public let status: Int
  public let contentType: String?
  /// In the order and spelling the server used.
  public let headers: [(name: String, value: String)]
  /// Unpacked, where the server packed it.
  public let body: [UInt8]
  /// Why the answer's length can't be believed: its head announced another one, or two (only looked at in an answer that
  /// was read to the end, ``HTTPClientRequest/readsToEnd``); or it came packed and was cut or changed.
  public let lengthFault: String?
  /// From ``HTTPClient/perform(_:)`` to the last byte.
  public let duration: Duration

  public init(
    status: Int, contentType: String? = nil, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    lengthFault: String? = nil, duration: Duration = .zero
  ) {
    self.status = status
    self.contentType = contentType
    self.headers = headers
    self.body = body
    self.lengthFault = lengthFault
    self.duration = duration
  }
}
