public import Adapters
public import Orders

/// The desks in our own database, as the channel needs them.
public protocol DeskBooks: Sendable {
  /// Hands a send to a desk, once however often it is said.
  ///
  /// - Returns: ``DeskAnswer/there(stage:)`` or ``DeskAnswer/over(_:)``.
  func hand(
    reference: String, provider: Int64, _ flow: Flow, _ handOver: HandOver
  ) async throws(StockFailure) -> DeskAnswer
  /// What became of a send; ``DeskAnswer/notFound`` where the desk never had it.
  func send(of reference: String, provider: Int64) async throws(StockFailure) -> DeskAnswer
}

/// Our own partners: a provider inside the database. Never opens a connection of its own.
public struct DeskChannel: Channel {
  private let books: any DeskBooks

  public init(_ books: any DeskBooks) { self.books = books }

  public func carry(_ call: WireCall) async -> WireAttempt {
    let begun = ContinuousClock.now
    let result: Result<WireReply, WireFailure>
    do throws(StockFailure) {
      if call.kind == .send, let notAfter = call.notAfter, ContinuousClock.now > notAfter {
        throw StockFailure("it was too late to send", mayBeDone: false)
      }
      let text = try await answer(call).text
      result = .success(WireReply(status: 200, contentType: "text/plain", body: Array(text.utf8)))
    } catch {
      result = .failure(
        WireFailure(
          words: error.mayBeDone ? "the desk's answer was lost" : "the desk can't be reached", detail: error.words,
          wasSent: error.mayBeDone))
    }
    return WireAttempt(call, duration: ContinuousClock.now - begun, result: result)
  }

  private func answer(_ call: WireCall) async throws(StockFailure) -> DeskAnswer {
    guard let reference = Desk.reference(in: call.request.url) else { return .working }
    // The one that it has always known is nobody's order.
    if call.kind != .send, reference == Desk.knownReference { return .there(stage: Stage.offered.rawValue) }
    guard call.kind == .send else { return try await books.send(of: reference, provider: call.account.id) }
    guard let wanted = Desk.wanted(by: call.request.body ?? []) else {
      throw StockFailure("a request that no desk is sent", mayBeDone: false)
    }
    return try await books.hand(
      reference: reference, provider: call.account.id, wanted.flow, wanted.handOver)
  }
}
