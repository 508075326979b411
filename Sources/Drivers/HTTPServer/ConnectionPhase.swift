/// Where a ``Connection`` is in its life.
enum ConnectionPhase {
  /// Waits for a request or reads its head.
  case head
  /// The head is here, and it is decided whether the body is wanted. Nothing is read meanwhile.
  case admitting(HTTPExchange)
  case body(HTTPExchange)
  case running(HTTPExchange)
  case sending(HTTPExchange)
  /// The handler wants the client to wait in vain.
  case stalled(HTTPExchange)
  /// It is somebody else's.
  case handed(HandedConnection)
  /// The last answer was sent; what still comes is dropped, so that the client gets to see the answer: closing with
  /// unread bytes would reset the connection.
  case closing
  case closed
}
