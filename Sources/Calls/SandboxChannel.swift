public import Adapters
import Orders

/// The memory of the sandbox's panel.
public protocol SandboxBooks: Sendable {
  /// The send of a reference; nil when there is none.
  func sandboxOrder(reference: String) async throws -> SandboxOrder?
}

/// The sandbox: a panel inside the process. It answers from what is stored of an order and never opens a connection.
public struct SandboxChannel: Channel {
  private let books: any SandboxBooks

  public init(_ books: any SandboxBooks) { self.books = books }

  public func carry(_ call: WireCall) async -> WireAttempt {
    let begun = ContinuousClock.now
    let result = await answer(call)
    return WireAttempt(
      call, duration: ContinuousClock.now - begun,
      result: result.map { WireReply(status: 200, contentType: "text/plain", body: Array($0.utf8)) })
  }

  private func answer(_ call: WireCall) async -> Result<String, WireFailure> {
    guard let reference = SandboxScript.reference(in: call.request.url) else { return .success(SandboxScript.working) }
    let order: SandboxOrder?
    do { order = try await books.sandboxOrder(reference: reference) } catch {
      return .failure(WireFailure(words: "the sandbox can't read its books", detail: "\(error)", wasSent: false))
    }
    guard call.kind == .send else { return .success(SandboxScript.answer(about: reference, order)) }
    if let notAfter = call.notAfter, ContinuousClock.now > notAfter {
      return .failure(WireFailure(words: "it was too late to send", wasSent: false))
    }
    guard let order else {
      return .failure(WireFailure(words: "the sandbox finds no such send", wasSent: false))
    }
    guard let answer = SandboxScript.answerToSend(order) else {
      return .failure(WireFailure(words: "the sandbox lost its answer on purpose", wasSent: true))
    }
    return .success(answer)
  }
}
