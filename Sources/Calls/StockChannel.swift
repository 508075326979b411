public import Adapters
import Orders

/// Our own codes, as the channel needs them.
public protocol StockBooks: Sendable {
  /// Sets codes aside for a send, as many as its order wants, or none; the same again for the same send.
  ///
  /// - Returns: ``StockAnswer/delivered(_:cost:)``, ``StockAnswer/empty(_:)`` or ``StockAnswer/over(_:)``.
  /// - Throws: ``StockFailure``.
  func giveStock(reference: String, provider: Int64, product: String) async throws(StockFailure) -> StockAnswer
  /// What was set aside for a send; ``StockAnswer/notFound`` where nothing was.
  func stock(of reference: String, provider: Int64) async throws(StockFailure) -> StockAnswer
}

/// The books could not be read or written.
public struct StockFailure: Error {
  public let words: String
  /// Whether codes may have been set aside all the same.
  public let mayBeDone: Bool

  public init(_ words: String, mayBeDone: Bool) {
    self.words = words
    self.mayBeDone = mayBeDone
  }
}

/// Our own codes: a provider inside the database. Never opens a connection of its own.
public struct StockChannel: Channel {
  private let books: any StockBooks

  public init(_ books: any StockBooks) { self.books = books }

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
          words: error.mayBeDone ? "the stock's answer was lost" : "the stock can't be reached", detail: error.words,
          wasSent: error.mayBeDone))
    }
    return WireAttempt(call, duration: ContinuousClock.now - begun, result: result)
  }

  private func answer(_ call: WireCall) async throws(StockFailure) -> StockAnswer {
    guard let reference = Stock.reference(in: call.request.url) else { return .working }
    // The one that it has always known is nobody's order.
    if call.kind != .send, reference == Stock.knownReference {
      return .delivered([.init(Pin("none"), serial: nil)], cost: nil)
    }
    guard call.kind == .send else { return try await books.stock(of: reference, provider: call.account.id) }
    let product = String(decoding: call.request.body ?? [], as: UTF8.self)
    return try await books.giveStock(reference: reference, provider: call.account.id, product: product)
  }
}
