public import Adapters
import EventLoop
import Orders

/// A provider's own list of what it booked.
extension ProviderClient {
  /// More pages than this are taken for a list that goes round in circles.
  private nonisolated static let pagesMax = 100_000

  /// Whether an account's statement can be asked for.
  public nonisolated func canState(_ account: ProviderAccount) -> Bool { adapter(account) is any StatementAdapter }

  /// Asks for a statement, page by page.
  ///
  /// - Throws: ``StatementError`` when a page could not be had or read: then the statement is not whole, and of no use. What
  ///   `body` throws.
  public func statement(
    since: Int64, until: Int64, account: ProviderAccount, _ body: @LoopActor ([StatementPage.Line]) async throws -> Void
  ) async throws {
    guard let adapter = adapter(account) as? any StatementAdapter else {
      throw StatementError("the adapter \(account.adapter) lists no statement")
    }
    var (page, seen): (String?, Set<String>) = (nil, [])
    for _ in 0..<Self.pagesMax {
      let request = adapter.statement(since: since, until: until, page: page, account: account)
      let reply: WireReply
      switch await carry(request, .catalog, adapter, account).result {
      case .success(let found): reply = found
      case .failure(let failure): throw StatementError(failure.detail)
      }
      let read = try adapter.readStatement(reply)
      try await body(read.lines)
      guard let next = read.next else { return }
      guard seen.insert(next).inserted else {
        throw StatementError("the provider names the same page of its statement again and again")
      }
      page = next
    }
    throw StatementError("the statement has more than \(Self.pagesMax) pages")
  }
}
