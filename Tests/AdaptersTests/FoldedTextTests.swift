import Testing

@testable import Adapters

/// Searching bytes finds what searching characters finds.
struct FoldedTextTests {
  @Test(arguments: [
    "Sistem hatası", "SİSTEM HATASI", "sistem\u{301} var", "bayi", "", "bakiye", "Hata: IP gecersiz", "ip2 gecersiz",
    "hata-ip",
    "yetki yetersi", "a sistem", "Oyuncu şifresi geçersiz", "islem bulunamadi", "sissistem", "\r\n",
  ])
  func aWordIsFoundWhereTheStringHasIt(text: String) {
    let folded = FoldedText(text)
    for word in ["sistem", "hata", "bakiye", "ip", "gecersiz", "yetki yetersiz", "islem bulunamadi", "bayi", ""] {
      #expect(folded.contains(word) == text.folded.contains(word), "\(word) in \(text)")
      let words = text.folded.split { !$0.isLetter && !$0.isNumber }
      #expect(folded.hasWord(word) == words.contains { $0 == word }, "the word \(word) in \(text)")
    }
  }

  /// A sign that no rule looks at sends a text the slow way.
  @Test(arguments: [
    "", "-", "PIN AB12-CD34", "code 1234 of 99", "ABCD-EFGH-IJKL", "abcd-efgh", "a_b-c 12", "one two", "7", "77 777",
    "A1B2.",
    "…",
  ])
  func codesAreHiddenInAsciiAsInAnyText(text: String) {
    #expect(text.withoutCodes + "ş!" == (text + "!ş").withoutCodes.replacing("!ş", with: "ş!"))
  }
}
