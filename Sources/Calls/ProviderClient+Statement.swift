public import Adapters
public import EventLoop
import Orders

/// A provider's own list of what it booked.
extension ProviderClient {
  /// Whether an account's statement can be asked for.
  public nonisolated func canState(_ account: ProviderAccount) -> Bool { adapter(account) is any StatementAdapter }

  /// Asks for a statement, page by page.
  ///
  /// - Parameters:
  ///   - since: milliseconds of Unix time, as `until`, which is not in it. Lines may be of other times.
  ///   - again: called when the lines so far are no list, and it is read anew.
  ///   - pause: waits, before a page is asked for once more.
  /// - Throws: ``StatementError`` when a page could not be had or read, or the pages are not the whole list: then what `body` got is
  ///   of no use. What the closures throw.
  public func statement(
    since: Int64, until: Int64, account: ProviderAccount,
    pause: @escaping @LoopActor (Duration) async throws -> Void = { try await EventLoop.sleep(for: $0) },
    again: @LoopActor () async throws -> Void,
    _ body: @LoopActor ([StatementPage.Line]) async throws -> Void
  ) async throws {
    guard let adapter = adapter(account) as? any StatementAdapter else {
      throw StatementError("the adapter \(account.adapter) lists no statement")
    }
    let reader = StatementReader(
      adapter: adapter, account: account, since: since, until: until,
      carry: { await self.carry($0, .catalog, adapter, account).result }, pause: pause)
    do {
      try await reader.read(again: again, body)
    } catch let error as StatementError {
      throw StatementError(Redaction.removing(credentialsOf: account, from: error.description))
    }
  }
}
