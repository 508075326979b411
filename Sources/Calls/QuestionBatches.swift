import Adapters
import EventLoop
import Orders

/// Asks about many orders of an account in one question where its provider takes that: what is asked for in a tick, and
/// while ``callsMax`` calls are under way, goes out together.
@LoopActor
final class QuestionBatches {
  /// Calls of this kind under way at once, for an account.
  private static let callsMax = 4
  /// So long no question is asked together of an account whose rows did not say which orders they are of.
  private static let mutePause = Duration.seconds(600)

  /// Sends one request.
  typealias Carry = @LoopActor (WireRequest, any BatchQueryingAdapter, ProviderAccount) async -> WireAttempt

  private struct Line {
    let account: ProviderAccount
    let batcher: Batcher<String, WireAttempt?>
  }

  private var lines: [Int64: Line] = [:]
  private var mutedUntil: [Int64: ContinuousClock.Instant] = [:]

  /// - Returns: the answer about the reference; nil when it has to be asked about alone.
  func ask(
    _ reference: String, _ adapter: any BatchQueryingAdapter, _ account: ProviderAccount, _ carry: @escaping Carry
  ) async -> WireAttempt? {
    let batchMax = adapter.facts(for: account).queryBatch
    guard batchMax > 1, mutedUntil[account.id].map({ $0 <= .now }) ?? true else { return nil }
    return try? await line(account, adapter, batchMax, carry).submit(reference)
  }

  private func line(
    _ account: ProviderAccount, _ adapter: any BatchQueryingAdapter, _ batchMax: Int, _ carry: @escaping Carry
  ) -> Batcher<String, WireAttempt?> {
    // What was set anew begins anew; what is under way ends as it began.
    if let line = lines[account.id], line.account.isSame(as: account) { return line.batcher }
    let batcher = Batcher<String, WireAttempt?>(batchMax: batchMax, concurrencyMax: Self.callsMax) { [weak self] in
      guard let self else { return $0.map { _ in .success(nil) } }
      return await self.perform($0, adapter, account, carry).map { .success($0) }
    }
    lines[account.id] = Line(account: account, batcher: batcher)
    return batcher
  }

  private func perform(
    _ references: [String], _ adapter: any BatchQueryingAdapter, _ account: ProviderAccount, _ carry: Carry
  ) async -> [WireAttempt?] {
    guard references.count > 1 else { return references.map { _ in nil } }
    let wire = await carry(adapter.query(references: references, account: account), adapter, account)
    var parts: [WireReply?]?
    if case .success(let reply) = wire.result {
      parts = adapter.parts(of: reply, about: references)
      if parts?.allSatisfy({ $0 == nil }) ?? false { mutedUntil[account.id] = .now + Self.mutePause }
    }
    return references.enumerated().map { index, reference in
      // What is kept of it names this order alone.
      let alone = adapter.query(reference: reference, account: account)
      var call = wire.call
      call.request = WireRequest(
        method: alone.method, url: alone.url,
        redacted: "\(alone.redacted) and \(references.count - 1) more references")
      let result: Result<WireReply, WireFailure>
      if let parts {
        guard let part = parts[index] else { return nil }
        result = .success(part)
      } else {
        result = wire.result
      }
      return WireAttempt(call, duration: wire.duration, result: result, isCopy: index > 0)
    }
  }
}

extension ProviderAccount {
  /// Whether a question to one is a question to the other.
  fileprivate func isSame(as other: ProviderAccount) -> Bool {
    adapter == other.adapter && baseURL == other.baseURL && credentials == other.credentials && timeout == other.timeout
      && decimalMark == other.decimalMark
  }
}
