import API
import HTTPServer
import Testing

@testable import Dispatcher

/// One order has one key, however it is written.
@Suite struct IdempotencyKeyTests {
  @Test(
    arguments: [
      ("k", "k"), (" k", "k"), ("k ", "k"), ("\tk \t", "k"), ("\"k\"", "k"), (" \"k\"\t", "k"),
      (#""a\"b\\c""#, #"a"b\c"#), (#"a"b"#, #"a"b"#), (#"k""#, #"k""#), ("!~", "!~"),
      (String(repeating: "k", count: 255), String(repeating: "k", count: 255)),
    ])
  func isRead(_ written: String, _ key: String) throws {
    let read = try IdempotencyKey(written)
    #expect(read.text == key)
    #expect(read.written == (written == key ? nil : written))
  }

  @Test(
    arguments: [
      ("", "1 to 255"), (" \t", "1 to 255"), ("\"\"", "1 to 255"), (String(repeating: "k", count: 256), "1 to 255"),
      ("g\u{FFFD}l", "bytes that are no ASCII"), ("gül", "U+00FC LATIN SMALL LETTER U WITH DIAERESIS"),
      ("a b", "U+0020 SPACE"), ("\"a b\"", "U+0020 SPACE"), ("a\u{0}", "U+0000"), ("a\u{7F}", "U+007F"),
      ("k\u{200B}", "U+200B ZERO WIDTH SPACE"), ("k\u{A0}", "U+00A0 NO-BREAK SPACE"),
      ("\"k", "no string in quotes"), ("\"k\";a=1", "no string in quotes"), (#""k\n""#, "no string in quotes"),
      ("\"", "no string in quotes"), (#""k\"#, "no string in quotes"),
      ("e" + String(repeating: "\u{301}", count: 2_000), "1 to 255"),
    ])
  func isRefused(_ written: String, _ why: String) throws {
    let error = try #require(throws: IdempotencyKey.Mistake.self) { _ = try IdempotencyKey(written) }
    #expect(error.text.contains(why), "\(error.text)")
  }

  @Test func twoThatDifferAreNone() throws {
    func key(_ values: String...) throws -> String {
      try IdempotencyKey.of(
        HTTPRequest(method: "POST", path: "/v1/orders", headers: values.map { ("idempotency-KEY", $0) })
      ).text
    }
    #expect(try key("k", "k") == "k")
    #expect(try key("k", "\"k\" ") == "k")
    for values in [["k", "j"], ["j", "k"], ["k", ""], ["k", "k "].reversed() + ["j"]] {
      let problem = try #require(throws: Problem.self) {
        _ = try IdempotencyKey.of(HTTPRequest(path: "/", headers: values.map { ("Idempotency-Key", $0) }))
      }
      #expect(problem.status == 400 && problem.detail.contains("Idempotency-Key"))
    }
    #expect(throws: Problem.self) { _ = try key() }
  }
}
