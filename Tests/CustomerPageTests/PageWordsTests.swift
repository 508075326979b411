import HTTPServer
import Orders
import TestSupport
import Testing

@testable import CustomerPage

@Suite struct PageWordsTests {
  @Test func everyWordIsThereInEveryLanguage() {
    #expect(PageWords.table.count > 60)
    for (key, texts) in PageWords.table {
      #expect(texts.count == PageLanguage.allCases.count, "\(key)")
      for (language, text) in texts { #expect(!text.isEmpty, "\(key) in \(language)") }
      // A row that was copied and not translated. Names may be alike.
      #expect(Set(texts.values).count >= 4, "\(key): \(texts)")
    }
    for stage in Stage.allCases { #expect(PageWords.table["g.\(stage)"] != nil, "g.\(stage)") }
    for status in Status.allCases {
      for part in ["s", "t", "n"] { #expect(PageWords.table["\(part).\(status)"] != nil, "\(part).\(status)") }
    }
  }

  /// A key that is misspelt would be shown as it is.
  @Test func everyWordThatIsAskedForIsThere() throws {
    let sources = try ["PageHTML", "PageView", "OrderPages", "PageRefusal"].map {
      try Repository.text("Sources/CustomerPage/\($0).swift")
    }.joined()
    let asked = sources.matches(of: /(?:text\(|words\[|notice: |, )"([a-z]+(?:\.[a-z_]+)?)"/).map { String($0.1) }
      .filter { $0.contains(".") || PageWords.table[$0] != nil }
    #expect(asked.count > 40)
    for key in asked { #expect(PageWords.table[key] != nil, "\(key)") }
    for key in ["lost", "busy", "failed"] {
      for part in ["title", "text"] { #expect(PageWords.table["\(key).\(part)"] != nil) }
    }
  }

  @Test func theBrowserSaysWhichLanguage() {
    func language(_ accept: String?, _ chosen: String? = nil) -> PageLanguage {
      PageLanguage.of(
        HTTPRequest(
          path: "/o/x", query: chosen.map { ["lang": $0] } ?? [:],
          headers: accept.map { [("Accept-Language", $0)] } ?? []))
    }
    #expect(language(nil) == .english && language("") == .english && language("*") == .english)
    #expect(language("tr-TR,tr;q=0.9,en;q=0.8") == .turkish)
    #expect(language("de, ru;q=0.5, en;q=0.4") == .russian)
    #expect(language("en;q=0.4, AR-eg ; q=0.9") == .arabic)
    #expect(language("uk") == .ukrainian && language("uk;q=0, en") == .english && language("tr;q=x") == .english)
    #expect(language("tr", "ar") == .arabic && language("tr", "xx") == .turkish)
    #expect(PageLanguage.allCases.map(\.direction) == ["ltr", "ltr", "rtl", "ltr", "ltr"])
  }
}
