import EventLoop
import HTTPServer
import Testing

/// Requests that two servers could read in two ways: what hides in a body must never become a request of its own.
@Suite struct StrictnessTests {
  /// What a shop would like to have asked in another's name.
  private static let hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"

  private static let heads = [
    // Two lengths, or a length and a coding.
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 40",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\nContent-Length: 0",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\ncontent-length: 0",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 40",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\nTransfer-Encoding: chunked",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 0",
    // Spellings of a length that one server reads and another does not.
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +0", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x10", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0 0",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1e1",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 0",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551616",
    // Spellings of a coding.
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding\t: chunked",
    "POST / HTTP/1.1\r\nHost: x\r\n Transfer-Encoding: chunked",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked",
    "POST / HTTP/1.1\r\nHost: x\r\nX: a\r\n\tTransfer-Encoding: chunked",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \"chunked\"",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \u{b}chunked",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked",
    // Line ends and characters that end a line or a text for some.
    "POST / HTTP/1.1\nHost: x\nContent-Length: 0\n", "POST / HTTP/1.1\r\nHost: x\nContent-Length: 0",
    "POST / HTTP/1.1\r\nHost: x\rContent-Length: 40", "POST / HTTP/1.1\r\nHost: x\r\nX: a\rTransfer-Encoding: chunked",
    "POST / HTTP/1.1\r\nHost: x\r\nX: a\0\r\nContent-Length: 0", "POST / HTTP/1.1\r\nHost: x\r\nX\0: a",
    "POST / HTTP/1.1\r\nHost: x\r\nX: \u{7f}", "POST / HTTP/1.1\r\nHost: x\r\n: a",
    "POST / HTTP/1.1\r\nHost: x\r\nno colon",
    "POST / HTTP/1.1\r\nHost: x\r\nX(: a", "POST / HTTP/1.1\r\nHost: x\r\nÇ: a",
    // Request lines.
    "POST  / HTTP/1.1\r\nHost: x", "POST / HTTP/1.1 \r\nHost: x", " POST / HTTP/1.1\r\nHost: x", "POST /\r\nHost: x",
    "POST / a HTTP/1.1\r\nHost: x", "PO(ST / HTTP/1.1\r\nHost: x", "POST / http/1.1\r\nHost: x",
    "POST / HTTP/1.1x\r\nHost: x", "POST\t/\tHTTP/1.1\r\nHost: x", "POST /#a HTTP/1.1\r\nHost: x",
    "POST a HTTP/1.1\r\nHost: x", "POST http:///a HTTP/1.1\r\nHost: x", "POST ftp://x/a HTTP/1.1\r\nHost: x",
    "POST * HTTP/1.1\r\nHost: x", "\r\n\r\nPOST / HTTP/1.1\r\nHost: x",
    "POST /  HTTP/1.1\r\nHost: x", "POST / RTSP/1.0\r\nHost: x", "SOURCE / ICE/1.0\r\nHost: x", "GET /\r\n",
    "\nPOST / HTTP/1.1\r\nHost: x", "POST / HTTP/1.1\r\n Host: x", "POST / HTTP/1.1\r\nHost: x\r\nA B: a",
    // Paths that end for one where they go on for another.
    "GET /v1%00 HTTP/1.1\r\nHost: x", "GET /v1%0d%0aX HTTP/1.1\r\nHost: x", "GET /v1%ff HTTP/1.1\r\nHost: x",
    "GET /v1%2 HTTP/1.1\r\nHost: x", "GET /v1%zz HTTP/1.1\r\nHost: x", "GET /?a=%4 HTTP/1.1\r\nHost: x",
    // Hosts.
    "GET / HTTP/1.1", "GET / HTTP/1.1\r\nHost: x\r\nHost: x", "GET / HTTP/1.1\r\nHost: x/y",
    "GET / HTTP/1.1\r\nHost: x y", "GET / HTTP/1.1\r\nHost: x, y",
  ]

  @Test(arguments: heads) func refusesAHeadThatCanBeReadInTwoWays(head: String) async throws {
    try await refuses(head + "\r\n\r\n" + Self.hidden + Self.hidden)
  }

  @Test(arguments: [
    "5\nhello\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n",
    "0x5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n", "\r\nhello\r\n0\r\n\r\n",
    "5\r\nhelloX\r\n0\r\n\r\n", "5;a\nb\r\nhello\r\n0\r\n\r\n", "5;\0\r\nhello\r\n0\r\n\r\n", "5\r\rhello\r\n0\r\n\r\n",
    "fffffffffffffffff\r\nhello", "000000005\r\nhello\r\n0\r\n\r\n", "5,\r\nhello\r\n0\r\n\r\n",
    "5;\(String(repeating: "x", count: 300))\r\nhello\r\n0\r\n\r\n", "0\r\nX: \n\r\n",
    "0\r\nX: y\n\r\n", "0\r\n\n", "0\n\r\n", "0\r\nX: y\r\n z\r\n\r\n", "0\r\n X: y\r\n\r\n", "0\r\n: y\r\n\r\n",
    "0\r\nno colon\r\n\r\n", "0\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nhello\n\n0\r\n\r\n",
    "0\r\n\(String(repeating: "X: y\r\n", count: 4000))\r\n",
  ])
  func refusesAChunkedBodyThatCanBeReadInTwoWays(body: String) async throws {
    try await refuses("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(body)" + Self.hidden)
  }

  private func refuses(_ text: String) async throws {
    let handled = Counter()
    let handler: @Sendable (HTTPRequest) async -> HTTPResponse = { _ in
      await handled.add()
      return .text("handled")
    }
    try await withServer(handler: handler) { port in
      let client = try await RawClient(port: port)
      await client.send(text)
      // One answer, and nothing behind it.
      let answer = await client.untilEnd()
      #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"), "\(answer)")
      #expect(answer.components("\r\nDate: ").count == 2 && !answer.contains("handled"), "\(answer)")
      #expect(answer.contains("\r\nContent-Type: application/problem+json\r\n"), "\(answer)")
      #expect(
        answer.contains("\r\nConnection: close\r\n") && answer.contains(#""code":"malformed_request""#), "\(answer)")
    }
    #expect(await handled.value == 0)
  }

  @Test(arguments: [
    ("GET http://shop.example:80/a?b=c HTTP/1.1\r\nHost: other", "", "GET /a ?b=c"),
    ("GET HTTPS://shop.example HTTP/1.1\r\nHost: other", "", "GET / ?"),
    ("GET http://shop.example?b=c HTTP/1.1\r\nHost: other", "", "GET / ?b=c"),
    ("OPTIONS * HTTP/1.1\r\nHost: x", "", "OPTIONS * ?"), ("\r\nGET /a HTTP/1.1\r\nHost: x", "", "GET /a ?"),
    ("GET /ç?ş=ğ HTTP/1.1\r\nHost: x", "", "GET /ç ?ş=ğ"), ("GET /a HTTP/1.0", "", "GET /a ?"),
    ("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 002", "ab", "POST /a ?"),
    (
      "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: CHUNKED",
      "A;x=y\r\n0123456789\r\n02\r\nab\r\n0\r\nX-Trailer: y\r\n\r\n", "POST /a ?"
    ),
    (
      "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked \t", "2\r\nab\r\n0\r\nContent-Length: 40\r\n\r\n",
      "POST /a ?"
    ),
    // Nobody is upgraded, and methods are the handler's matter.
    ("GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c", "", "GET /a ?"),
    ("POST /a HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 2", "ab", "POST /a ?"),
    ("get /a HTTP/1.1\r\nHost: x", "", "get /a ?"), ("PRI /a HTTP/1.1\r\nHost: x", "", "PRI /a ?"),
    ("POST /a HTTP/1.1\r\nHost: x\r\nConnection: x, Close\r\nContent-Length: \t 0 \t", "", "POST /a ?"),
  ])
  func takesWhatCanBeReadInOneWay(head: String, body: String, seen: String) async throws {
    try await withServer(handler: echo) { port in
      let client = try await RawClient(port: port)
      await client.send("\(head)\r\n\r\n\(body)GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      let answer = await client.untilEnd()
      #expect(answer.contains("\r\n\r\n\(seen)\n"), "\(answer)")
      // A client that says that it goes on is answered on the same connection.
      let goesOn = !head.contains("HTTP/1.0") && !head.contains("Close")
      #expect(answer.contains("GET /next ") == goesOn, "\(answer)")
    }
  }

  @Test(arguments: [
    ("GET / HTTP/2.0\r\nHost: x", 505), ("PRI * HTTP/2.0", 505), ("CONNECT x:80 HTTP/1.1\r\nHost: x", 501),
    ("POST / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\nContent-Length: 1", 417),
    ("GET / HTTP/1.1\r\nHost: x" + String(repeating: "\r\nX: y", count: 100), 431),
  ])
  func saysWhatItDoesNotSpeak(head: String, status: Int) async throws {
    try await withServer(handler: echo) { port in
      let client = try await RawClient(port: port)
      await client.send(head + "\r\n\r\n" + Self.hidden)
      let answer = await client.untilEnd()
      #expect(answer.hasPrefix("HTTP/1.1 \(status) ") && answer.components("\r\nDate: ").count == 2, "\(answer)")
      #expect(answer.contains("application/problem+json"))
    }
  }

  /// However a head is cut, it is read the same.
  @Test func readsAHeadThatComesByteByByte() async throws {
    try await withServer(handler: echo) { port in
      let client = try await RawClient(port: port)
      for byte
        in "\r\nPOST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        .utf8
      {
        await client.send(String(UnicodeScalar(byte)))
        try await EventLoop.sleep(for: .zero)
      }
      #expect(await client.untilEnd().hasSuffix("\nabc"))
    }
  }
}
