import API
import CommandLine
import Testing

@Suite struct PublicURLTests {
  private func read(_ url: String?) throws -> String {
    try PublicURL.read(
      Settings(Arguments([], grammar: .init()), environment: { $0 == "SEVK_PUBLIC_URL" ? url : nil }))
  }

  @Test func itIsAnAddressWithoutItsLastSlash() throws {
    #expect(try read(nil) == "http://127.0.0.1:8081")
    #expect(try read("https://live.shop.example/") == "https://live.shop.example")
    #expect(try read("https://shop.example/live//") == "https://shop.example/live")
    for bad in ["live.shop.example", "ftp://a", "https://", "https:///x", "https://a?b", "https://a b", "https://ş"] {
      #expect(throws: UsageError.self, "\(bad)") { try read(bad) }
    }
  }
}
