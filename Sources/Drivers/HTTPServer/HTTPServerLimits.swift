/// What one server takes from its clients.
public struct HTTPServerLimits: Sendable {
  /// Largest request head in bytes; a larger one is answered 431 and the connection closed.
  public var headBytesMax: Int
  /// Largest body in bytes for a method and path; a larger one is answered 413 and the connection closed, as soon as
  /// `Content-Length` or the bytes received say so.
  public var bodyBytesMax: @Sendable (_ method: String, _ path: String) -> Int
  /// How long a connection may be silent while it is read, or take nothing of its answer.
  public var idleTimeout: Duration
  /// The time a request has from its first byte to its last, against clients that send byte by byte; and the longest that
  /// a kept connection stays unused.
  public var requestTimeout: Duration
  /// Connections open at once. When there are more, the one that has waited longest without a request makes room; when
  /// all have one, more wait in the kernel's backlog.
  public var connectionsMax: Int
  /// Connections open at once from one address; 0 is no limit. More are closed at once.
  public var connectionsPerAddressMax: Int
  /// Requests that are admitted or handled at once; a request above that is answered 503.
  public var requestsInFlightMax: Int
  /// Bytes of all bodies together, from their arrival to their answer; a request that has no room is answered 503 and
  /// its connection closed.
  public var bodyBytesHeldMax: Int
  /// Of those, the bytes of one caller, as its admission names it.
  public var bodyBytesPerCallerMax: Int
  /// How long a connection that is ended may take what waits for it: who takes a byte now and then keeps no memory for good.
  public var endingMax = Duration.seconds(15)

  public init(
    headBytesMax: Int = 16 * 1024,
    bodyBytesMax: @escaping @Sendable (_ method: String, _ path: String) -> Int = { _, _ in 1024 * 1024 },
    idleTimeout: Duration = .seconds(30), requestTimeout: Duration = .seconds(30), connectionsMax: Int = 1024,
    connectionsPerAddressMax: Int = 0, requestsInFlightMax: Int = 1024, bodyBytesHeldMax: Int = 128 * 1024 * 1024,
    bodyBytesPerCallerMax: Int = 32 * 1024 * 1024
  ) {
    self.headBytesMax = headBytesMax
    self.bodyBytesMax = bodyBytesMax
    self.idleTimeout = idleTimeout
    self.requestTimeout = requestTimeout
    self.connectionsMax = connectionsMax
    self.connectionsPerAddressMax = connectionsPerAddressMax
    self.requestsInFlightMax = requestsInFlightMax
    self.bodyBytesHeldMax = bodyBytesHeldMax
    self.bodyBytesPerCallerMax = bodyBytesPerCallerMax
  }
}
