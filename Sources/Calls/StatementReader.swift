import Adapters
import EventLoop

/// Reads a provider's list of what it booked, to its end or not at all.
///
/// A page that can't be had or read is asked for again, with a token of its own if the one before was refused; where the provider
/// says how long to wait, so long. A list whose pages don't add up is read again from its first page.
@LoopActor
struct StatementReader {
  /// More pages than this are taken for a list that goes round in circles.
  static let pagesMax = 100_000
  /// Of one page.
  static let triesMax = 5
  /// Of a page that the login is refused for.
  static let refusalsMax = 3
  static let passesMax = 3
  /// Longer than this no provider is waited for.
  static let pauseMax = Duration.seconds(60)

  let adapter: any StatementAdapter
  let account: ProviderAccount
  /// Milliseconds of Unix time, as the next.
  let since: Int64
  let until: Int64
  let carry: @LoopActor (WireRequest) async -> Result<WireReply, WireFailure>
  let pause: @LoopActor (Duration) async throws -> Void

  /// - Parameters:
  ///   - again: what was handed over so far is not the list; it begins anew.
  ///   - body: takes lines that were bought by.
  /// - Throws: ``StatementError``: there is no whole list, and what was handed over is of no use. What the closures throw.
  func read(
    again: @LoopActor () async throws -> Void, _ body: @LoopActor ([StatementPage.Line]) async throws -> Void
  ) async throws {
    var doubt = ""
    for number in 1...Self.passesMax {
      if number > 1 {
        try await pause(Self.wait(number - 1))
        try await again()
      }
      guard let found = try await pass(body) else { return }
      doubt = found
    }
    throw StatementError(doubt)
  }

  /// - Returns: what is wrong with the list; nil when it is whole.
  private func pass(_ body: @LoopActor ([StatementPage.Line]) async throws -> Void) async throws -> String? {
    var pass = StatementPass()
    var (name, names): (String?, Set<String>) = (nil, [])
    for _ in 0..<Self.pagesMax {
      let page = try await page(name)
      let new: [StatementPage.Line]
      do throws(StatementError) { new = try pass.take(page) } catch { return error.description }
      try await body(new.filter(\.isBooked))
      guard let next = page.next, !page.lines.isEmpty, !pass.isOver else { return pass.doubt }
      guard names.insert(next).inserted else {
        throw StatementError("the provider names the same page of its statement again and again")
      }
      name = next
    }
    throw StatementError("the statement has more than \(Self.pagesMax) pages")
  }

  private func page(_ name: String?) async throws -> StatementPage {
    let request = adapter.statement(since: since, until: until, page: name, account: account)
    var problem = StatementError("")
    for number in 1...Self.triesMax {
      var (asked, isRefused): (Duration?, Bool) = (nil, false)
      switch await carry(request) {
      case .success(let reply):
        do throws(StatementError) { return try adapter.readStatement(reply, page: name) } catch { problem = error }
        asked = Self.retryAfter(reply)
        isRefused = reply.status == 401 || reply.status == 403
      case .failure(let failure): problem = StatementError(failure.detail)
      }
      // Another token may help; no other login is there.
      guard number < (isRefused ? Self.refusalsMax : Self.triesMax) else { break }
      try await pause(asked ?? Self.wait(number))
    }
    throw StatementError("page \(name ?? "1") of its list: \(problem)")
  }

  /// 1, 2, 4, 8 seconds.
  private static func wait(_ number: Int) -> Duration { .seconds(1 << (number - 1)) }

  private static func retryAfter(_ reply: WireReply) -> Duration? {
    guard reply.status == 429 || reply.status == 503, let text = reply.header("Retry-After"), let seconds = Int64(text),
      seconds > 0
    else { return nil }
    return min(.seconds(seconds), pauseMax)
  }
}
