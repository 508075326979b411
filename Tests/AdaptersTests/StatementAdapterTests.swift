import Adapters
import Calls
import EventLoop
import Orders
import Synchronization
import Testing

/// A provider that lists what it booked: page by page, whole or not at all.
@Suite struct StatementAdapterTests {
  private struct Lister: StatementAdapter {
    static let name = "lister"
    static let credentialNames: [String] = []
    var facts: ProviderFacts {
      ProviderFacts(notFound: .never, referenceDigits: 18, quantityMax: 1, requiredParameters: [])
    }
    func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8] { [] }
    func statement(since: Int64, until: Int64, page: String?, account: ProviderAccount) -> WireRequest {
      WireRequest(url: page ?? "first", redacted: "")
    }
    func readStatement(_ reply: WireReply) throws(StatementError) -> StatementPage {
      let words = String(decoding: reply.body, as: UTF8.self).split(separator: " ").map(String.init)
      guard let first = words.first, first != "error" else { throw StatementError("no statement") }
      return StatementPage(lines: [.init(reference: first)], next: words.count > 1 ? words[1] : nil)
    }
  }

  private struct Pages: Channel {
    let pages: [String: String]
    func carry(_ call: WireCall) async -> WireAttempt {
      guard let body = pages[call.request.url] else {
        return WireAttempt(call, duration: .zero, result: .failure(WireFailure(words: "silence", wasSent: true)))
      }
      return WireAttempt(call, duration: .zero, result: .success(WireReply(status: 200, body: Array(body.utf8))))
    }
  }

  private func read(_ pages: [String: String]) async throws -> [String] {
    let client = ProviderClient(channels: [.http: Pages(pages: pages)], adapters: [Lister()])
    let account = ProviderAccount(id: 1, name: "a", adapter: "lister", baseURL: "", credentials: [:])
    #expect(client.canState(account))
    let found = Mutex<[String]>([])
    try await client.statement(since: 0, until: 1, account: account) { lines in
      found.withLock { $0 += lines.compactMap(\.reference) }
    }
    return found.withLock { $0 }
  }

  @Test func itIsReadToItsEnd() async throws {
    #expect(try await read(["first": "1 second", "second": "2 third", "third": "3"]) == ["1", "2", "3"])
  }

  @Test func whatIsNotWholeIsNoStatement() async {
    for pages in [
      ["first": "1 second"], ["first": "1 second", "second": "error"], ["first": "1 second", "second": "2 second"],
    ] {
      await #expect(throws: StatementError.self, "\(pages)") { _ = try await read(pages) }
    }
  }
}
