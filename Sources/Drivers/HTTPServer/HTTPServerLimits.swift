/// What one server takes from its clients.
public struct HTTPServerLimits: Sendable {
  /// Largest request head in bytes; a larger one is answered 431 and the connection closed.
  public var headBytesMax: Int
  /// Largest body in bytes for a method and path; a larger one is answered 413 and the connection closed, as soon as
  /// `Content-Length` or the bytes received say so.
  public var bodyBytesMax: @Sendable (_ method: String, _ path: String) -> Int
  /// How long a connection may be silent. Counted in whole seconds, rounded up.
  public var idleTimeout: Duration
  /// The time a connection has, once it is open or its previous answer is sent, to deliver a whole request: against
  /// clients that send byte by byte. So it is also the longest that a kept connection stays unused.
  public var requestTimeout: Duration
  /// Connections open at once; more wait in the kernel's backlog.
  public var connectionsMax: Int
  /// Connections open at once from one address; 0 is no limit. More are closed at once.
  public var connectionsPerAddressMax: Int
  /// Handlers running at once; a request above that is answered 503.
  public var requestsInFlightMax: Int
  /// Bytes of all bodies together, from their arrival to their answer; a request that has no room is answered 503 and
  /// its connection closed.
  public var bodyBytesHeldMax: Int

  public init(
    headBytesMax: Int = 16 * 1024,
    bodyBytesMax: @escaping @Sendable (_ method: String, _ path: String) -> Int = { _, _ in 1024 * 1024 },
    idleTimeout: Duration = .seconds(30), requestTimeout: Duration = .seconds(30), connectionsMax: Int = 1024,
    connectionsPerAddressMax: Int = 0, requestsInFlightMax: Int = 1024, bodyBytesHeldMax: Int = 128 * 1024 * 1024
  ) {
    self.headBytesMax = headBytesMax
    self.bodyBytesMax = bodyBytesMax
    self.idleTimeout = idleTimeout
    self.requestTimeout = requestTimeout
    self.connectionsMax = connectionsMax
    self.connectionsPerAddressMax = connectionsPerAddressMax
    self.requestsInFlightMax = requestsInFlightMax
    self.bodyBytesHeldMax = bodyBytesHeldMax
  }
}
