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
      WireRequest(url: page ?? "1", redacted: "")
    }
    /// `total next line…`, a line being its id or `id@time`; a dash is nothing said.
    func readStatement(_ reply: WireReply, page: String?) throws(StatementError) -> StatementPage {
      let words = String(decoding: reply.body, as: UTF8.self).split(separator: " ").map(String.init)
      guard reply.status == 200, words.count >= 2 else { throw StatementError("no statement") }
      let lines = words.dropFirst(2).map { word in
        let parts = word.split(separator: "@")
        return StatementPage.Line(
          reference: "r\(parts[0])", providerID: String(parts[0]), at: parts.count > 1 ? Int64(parts[1]) : nil)
      }
      return StatementPage(lines: lines, next: words[1] == "-" ? nil : words[1], total: Int(words[0]))
    }
  }

  /// Answers of a page, one after the other; the last one again and again.
  private final class Pages: Channel {
    private let pages: [String: [String]]
    private let asked = Mutex<[String: Int]>([:])

    init(_ pages: [String: [String]]) { self.pages = pages }

    func carry(_ call: WireCall) async -> WireAttempt {
      let name = call.request.url
      let number = asked.withLock { asked in
        asked[name, default: 0] += 1
        return asked[name] ?? 0
      }
      guard let bodies = pages[name], let body = bodies.dropFirst(number - 1).first ?? bodies.last, body != "silence"
      else {
        return WireAttempt(call, duration: .zero, result: .failure(WireFailure(words: "silence", wasSent: true)))
      }
      var reply = WireReply(status: 200, body: Array(body.utf8))
      if body.hasPrefix("status ") {
        let words = body.split(separator: " ")
        reply = WireReply(status: Int(words[1]) ?? 0, body: [])
        reply.headers = [("Retry-After", String(words.last ?? ""))]
      }
      return WireAttempt(call, duration: .zero, result: .success(reply))
    }

    func count(_ name: String) -> Int { asked.withLock { $0[name] ?? 0 } }
  }

  private func read(
    _ pages: [String: [String]]
  ) async throws -> (lines: [String], passes: Int, pauses: [Duration], pages: Pages) {
    let channel = Pages(pages)
    let client = ProviderClient(channels: [.http: channel], adapters: [Lister()])
    let account = ProviderAccount(id: 1, name: "a", adapter: "lister", baseURL: "", credentials: [:])
    #expect(client.canState(account))
    let found = Mutex<([String], Int, [Duration])>(([], 1, []))
    try await client.statement(since: 0, until: 1, account: account) { pause in
      found.withLock { $0.2.append(pause) }
    } again: {
      found.withLock { ($0.0, $0.1) = ([], $0.1 + 1) }
    } _: { lines in
      found.withLock { $0.0 += lines.compactMap(\.providerID) }
    }
    let (lines, passes, pauses) = found.withLock { $0 }
    return (lines, passes, pauses, channel)
  }

  @Test func itIsReadToItsEnd() async throws {
    #expect(try await read(["1": ["- 2 a"], "2": ["- 3 b c"], "3": ["- - d"]]).lines == ["a", "b", "c", "d"])
    let counted = try await read(["1": ["5 2 a b"], "2": ["5 3 c d"], "3": ["5 4 e"]])
    #expect(counted.lines == ["a", "b", "c", "d", "e"] && counted.passes == 1 && counted.pauses.isEmpty)
    #expect(counted.pages.count("4") == 0, "no page is asked for that there is not")
    #expect(try await read(["1": ["0 2"]]).lines == [])
  }

  /// What can't be read is asked for again, and a provider that says for how long is left alone so long.
  @Test func aPageThatIsLostIsAskedForAgain() async throws {
    let found = try await read([
      "1": ["silence", "2 2 a"], "2": ["status 429 Retry-After 7", "x", "status 503 Retry-After 9999", "2 3 b"],
    ])
    #expect(found.lines == ["a", "b"] && found.passes == 1)
    #expect(found.pauses == [.seconds(1), .seconds(7), .seconds(2), .seconds(60)])
    // A refused login is tried once more, with another token.
    #expect(try await read(["1": ["status 401 -", "1 - a"]]).lines == ["a"])
  }

  @Test(arguments: [
    ["1": ["silence"]], ["1": ["2 2 a"], "2": ["x"]], ["1": ["status 401 -"]],
    // In circles.
    ["1": ["- 2 a"], "2": ["- 2 b"]],
    // A page that was cut, and one that a proxy answered with the page before.
    ["1": ["4 2 a b"], "2": ["4 - c"]], ["1": ["4 2 a b"], "2": ["4 - a b"]],
    // It says that it has more, and more is not there; or it has none at all.
    ["1": ["9 2 a b"], "2": ["9 3"]], ["1": ["1 2"]],
    // Fewer than before: another list, or one that a line left.
    ["1": ["4 2 a b"], "2": ["3 - c"]], ["1": ["4 2 a b"], "2": ["- - c d"]],
  ])
  func whatIsNotWholeIsNoStatement(_ pages: [String: [String]]) async {
    await #expect(throws: StatementError.self, "\(pages)") { _ = try await read(pages) }
  }

  /// An order that arrives while the pages are read moves each line on by one.
  @Test func aListThatGrowsIsWholeWhereThatIsSure() async throws {
    // The newest first: the first line of the page was the last one before, and what is new was not asked for.
    let newest = try await read(["1": ["4 2 d@40 c@30"], "2": ["5 3 c@30 b@20"], "3": ["5 4 a@10"]])
    #expect(newest.lines == ["d", "c", "b", "a"] && newest.passes == 1)
    // The oldest first: it stands on the last page.
    let oldest = try await read(["1": ["4 2 a@10 b@20"], "2": ["5 3 c@30 d@40"], "3": ["5 4 e@50"]])
    #expect(oldest.lines == ["a", "b", "c", "d", "e"] && oldest.passes == 1)
    // In no order a new line may have pushed an old one to a page that was read already; nobody knows, so from the beginning.
    let pages = ["1": ["4 2 b@20 d@40", "5 2 b@20 d@40"], "2": ["5 3 e@50 c@30"], "3": ["5 4 c@30", "5 4 a@10"]]
    let none = try await read(pages)
    #expect(none.lines == ["b", "d", "e", "c", "a"] && none.passes == 2 && none.pauses == [.seconds(1)])
    // The one that was moved twice, by two orders, is seen all the same; one that was lost is not.
    await #expect(throws: StatementError.self) {
      _ = try await read(["1": ["4 2 d@40 c@30"], "2": ["5 3 c@30 a@10"], "3": ["5 4"]])
    }
  }
}
