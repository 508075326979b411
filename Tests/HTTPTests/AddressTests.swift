import HTTPClient
import HTTPServer
import TestSupport
import Testing

/// Where calls may go: what is private in every notation, and that nothing is sent there.
@Suite struct AddressTests {
  @Test(arguments: [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1", "100.127.255.255", "192.0.0.8", "198.18.0.1", "224.0.0.1", "239.255.255.255", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1", "fec0::1", "fc00::1", "fdff::1",
    "ff02::1",
    "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::10.0.0.1", "2001::1", "2001:db8::1", "2002:7f00:1::",
    "100::1",
  ])
  func isPrivate(_ text: String) throws {
    #expect(try #require(IPAddress(text)).isPublic == false)
  }

  @Test(arguments: [
    "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "169.253.255.255",
    "192.169.0.1",
    "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1",
  ])
  func isPublic(_ text: String) throws {
    let address = try #require(IPAddress(text))
    #expect(address.isPublic)
    #expect(IPAddress(address.description) == address)
  }

  @Test func aRuleAllowsWhatItNames() throws {
    var wrong = ""
    let rule = try #require(
      AddressRule(publicAnd: ["10.1.0.0/16", "fd00:1::/32", "192.168.0.9", "Panel.internal", "[::1]"], wrong: &wrong))
    let rows: [(address: String, host: String, isAllowed: Bool)] = [
      ("1.1.1.1", "x", true), ("10.1.255.1", "x", true), ("10.2.0.1", "x", false), ("::ffff:10.1.0.1", "x", true),
      ("fd00:1::9", "x", true), ("fd00:2::9", "x", false), ("192.168.0.9", "x", true), ("192.168.0.10", "x", false),
      ("10.2.0.1", "panel.INTERNAL", true), ("10.2.0.1", "panel.internal.evil.example", false), ("::1", "x", true),
      ("127.0.0.1", "x", false),
    ]
    for row in rows {
      #expect(rule.allows(try #require(IPAddress(row.address)), host: row.host) == row.isAllowed, "\(row)")
    }
    for entry in [
      "10.0.0.0/33", "10.0.0/8", "fd00::/129", "10.0.0.0/", "a b", "", "*.internal", "10.0.0.256", "http://x",
    ] {
      #expect(AddressRule(publicAnd: ["10.0.0.0/8", entry], wrong: &wrong) == nil && wrong == entry, "\(entry)")
    }
  }

  /// The rule is asked about the address, however the host is written, and whoever answers there hears nothing.
  @Test(arguments: ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0", "[::ffff:127.0.0.1]"])
  func nothingIsSentToAForbiddenAddress(host: String) async throws {
    let server = RawServer { _ in .answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }.start()
    let client = HTTPClient(addresses: .publicOnly)
    for connection in [HTTPClientRequest.ConnectionUse.fresh, .reuse] {
      let error = await client.failure(
        of: HTTPClientRequest(url: "http://\(host):\(server.port)/?sifre=geheim", connection: connection))
      #expect(error?.reach == .notSent)
      #expect(error?.description.contains("is not public, so no connection was made") == true, "\(error as Any)")
      #expect(error?.description.contains("geheim") == false)
    }
    await client.close()
    server.stop()
    #expect(server.requests == 0)
  }

  @Test func anAllowedHostIsReached() async throws {
    let server = RawServer { _ in .answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") }.start()
    var wrong = ""
    let client = HTTPClient(addresses: try #require(AddressRule(publicAnd: ["127.0.0.0/8"], wrong: &wrong)))
    let answer = try await client.text(of: HTTPClientRequest(url: "http://localhost:\(server.port)/"))
    #expect(answer == "ok")
    await client.close()
    server.stop()
  }

  @Test(
    arguments: [
      ("http://127.1/x", "127.0.0.1"), ("http://0x7f000001", "127.0.0.1"), ("HTTP://localhost.:80", "127.0.0.1"),
      ("http://[::1]:1", "::1"), ("http://169.254.169.254/latest", "169.254.169.254"), ("http://panel.example", nil),
    ] as [(String, String?)])
  func aURLSaysWhereItLeads(url: String, address: String?) throws {
    #expect(try #require(URLParts(url)).address?.description == address)
  }

  @Test func aURLsPartsAreSeen() throws {
    #expect(try #require(URLParts("http://kod:sifre@panel.example")).hasUserinfo)
    #expect(try #require(URLParts("http://panel.example/a?b")).hasQuery)
    #expect(try #require(URLParts("http://panel.example/a#b")).hasFragment)
    #expect(try #require(URLParts("ftp://panel.example")).scheme == "ftp")
    for text in ["", "panel.example", "http://", "http://a b", "/x", "file:///etc/passwd"] {
      #expect(URLParts(text)?.scheme != "http", "\(text)")
    }
  }
}
