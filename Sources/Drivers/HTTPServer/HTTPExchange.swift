import EventLoop

/// One request and what becomes of it. Its life: the head is here, it is admitted where its body is still to come, the
/// body is read, the handler runs, the answer is sent.
@LoopActor
final class HTTPExchange {
  private(set) var request: HTTPRequest
  let head: RequestHead
  private let bodyBytesMax: Int
  private let budget: BodyBudget
  /// Of the budget, until the exchange ends.
  private var bytesTaken = 0
  /// Whose part of the budget.
  var share: String?
  /// The connection ends after this answer.
  var isLast: Bool

  init(_ head: RequestHead, peer: String, limits: HTTPServerLimits, budget: BodyBudget) throws(ServerProblem) {
    self.head = head
    self.budget = budget
    isLast = head.isLast
    request = HTTPRequest(
      method: head.method, path: head.target.path, headers: head.headers, peer: peer, id: RequestID.of(head.headers))
    request.parameters = head.target.parameters
    request.target = head.target.raw
    request.blanks = head.blanks
    bodyBytesMax = limits.bodyBytesMax(head.method, request.path)
    if case .length(let count) = head.framing, count > bodyBytesMax { throw .bodyTooLarge(bytesMax: bodyBytesMax) }
  }

  /// Takes what belongs to the body.
  ///
  /// - Returns: how many bytes that were.
  func receive(_ bytes: UnsafeRawBufferPointer, with parser: RequestParser) throws(ServerProblem) -> Int {
    try parser.readBody(bytes) { piece throws(ServerProblem) in
      guard request.body.count + piece.count <= bodyBytesMax else { throw .bodyTooLarge(bytesMax: bodyBytesMax) }
      guard budget.take(piece.count, of: share) else { throw .overloaded }
      bytesTaken += piece.count
      request.body.append(contentsOf: piece)
    }
  }

  /// Gives the memory of the body back: once it is answered, or its connection lost.
  func finish() {
    budget.giveBack(bytesTaken, of: share)
    bytesTaken = 0
  }
}
