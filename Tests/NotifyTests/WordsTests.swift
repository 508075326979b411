import Adapters
import Orders
import Store
import Testing

@testable import Notify

@Suite struct WordsTests {
  @Test(arguments: NoticeLanguage.allCases)
  func eachTypeHasWordsInEachLanguage(_ language: NoticeLanguage) throws {
    for audience in NotifyAudience.allCases {
      for type in NoticeWords.types(for: audience) {
        let words = try #require(NoticeWords.template(type, audience, language), "\(type) \(audience) \(language)")
        let template = try NoticeTemplate(words)
        // A customer is told which order, and nothing of its inside.
        #expect(OperatorEvent.isOne(type) || template.text.contains("{order}"), "\(type) \(audience) \(language)")
        #expect(audience == .ops || !template.text.contains("{reason}") && !template.text.contains("{about}"))
        #expect(!template.text.uppercased().contains("PIN"))
      }
    }
    for words in [
      NoticeWords.UI.askButton, .asked, .askedJustNow, .nothingToAsk, .alreadyDone, .expired, .unknownButton,
      .notPossible,
      .testSubject, .testBody,
    ] {
      #expect(!NoticeWords.ui(words, language).isEmpty)
      #expect(language == .en || NoticeWords.ui(words, language) != NoticeWords.ui(words, .en))
    }
  }

  @Test(arguments: NoticeLanguage.allCases)
  func aTextMessageIsShort(_ language: NoticeLanguage) throws {
    for type in NoticeWords.orderTypes {
      let words = try #require(NoticeWords.template(type, .customer, language))
      let filled = words.replacing("{order}", with: "shop-12345").replacing("{product}", with: "pubg-60")
        .replacing("{shop}", with: "magaza")
      #expect(SmsText.parts(of: filled) <= 3, "\(type) \(language): \(SmsText.parts(of: filled))")
    }
  }

  @Test func knowsLanguages() {
    #expect(NoticeLanguage("tr-TR") == .tr && NoticeLanguage("UK") == .uk && NoticeLanguage("ar_EG") == .ar)
    #expect(NoticeLanguage("de") == nil && NoticeLanguage("") == nil)
  }

  @Test(arguments: ["", " ", "\nbody", "a {price}", "a\u{7}b", String(repeating: "a", count: 2001)])
  func refusesTemplates(_ text: String) {
    #expect(throws: NoticeTemplate.Mistake.self) { try NoticeTemplate(text) }
  }

  @Test func takesTemplates() throws {
    #expect(try NoticeTemplate("Your {product} of {shop}\n\n{order} {id}").text.hasPrefix("Your"))
    // A brace alone is a brace.
    #expect(try NoticeTemplate("a { b").text == "a { b")
  }
}
