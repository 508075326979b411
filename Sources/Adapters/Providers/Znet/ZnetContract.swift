/// What the panel's texts mean, row by row, with the evidence for each. A text that no row explains means nothing: the
/// order stays unknown.
enum ZnetContract {
  enum Meaning: Sendable {
    /// Nothing was created, for the order's sake.
    case refused
    /// Login, source address or permission: the provider's state, not the order's.
    case noAccess
    /// The dealer's money is out.
    case noBalance
    /// The reference is already there.
    case repetition
    /// The panel is in trouble, and what it did is open.
    case trouble
  }

  /// A row: all of `words` stand in the text, folded as `folded` does.
  private struct Row {
    let words: [String]
    let meaning: Meaning
    init(_ words: String..., means meaning: Meaning) { (self.words, self.meaning) = (words, meaning) }
  }

  /// For `3|text` in answer to pin_ekle, first match first. What lets an order go on elsewhere comes last, so that a text
  /// that also speaks of something else is read as that.
  private static let refusals: [Row] = [
    // Documented for tl and fatura as `8|` and `4|`; some installations answer 3 (Django client, Laravel server).
    Row("daha once", means: .repetition), Row("cakisma", means: .repetition), Row("mukerrer", means: .repetition),
    Row("duplicate", means: .repetition), Row("ayni referans", means: .repetition),
    Row("kullanilmis", means: .repetition), Row("zaten", means: .repetition), Row("kayitli", means: .repetition),
    // Seen in the panel's other dialects; what it did before it failed is not known.
    Row("sistem", means: .trouble), Row("tekrar den", means: .trouble), Row("baglanti", means: .trouble),
    Row("zaman asimi", means: .trouble), Row("timeout", means: .trouble), Row("yapilamadi", means: .trouble),
    // Laravel server: `Bakiye Yetersiz`; two clients know `yetersiz bakiye`.
    Row("bakiye", "yetersiz", means: .noBalance), Row("bakiyeniz", "yok", means: .noBalance),
    // Live twice: a wrong or missing pair of oyun and kupur.
    Row("kupur", "bulunamadi", means: .refused),
  ]

  /// Nil when no row explains the text.
  static func meaning(ofRefusal text: String) -> Meaning? {
    let folded = FoldedText(text)
    if let row = refusals.first(where: { $0.words.allSatisfy(folded.contains) }),
      row.meaning == .repetition || row.meaning == .trouble
    {
      return row.meaning
    }
    if isAboutAccess(text) { return .noAccess }
    return refusals.first { $0.words.allSatisfy(folded.contains) }?.meaning
  }

  /// The panel's own words for a login that it does not take (vendor's document, Laravel server).
  private static let accessTexts = ["bayikodu yada sifre gecersiz", "ip gecersiz", "yetkisiz erisim", "yetki yetersiz"]
  /// Of a text that was cut, so much is enough to know it by.
  private static let cutBytesMin = 3

  /// Whether a text is about the dealer's login, address or permission, whole or cut short, and so says nothing about an
  /// order.
  ///
  /// A player's password may be wrong too (`Oyuncu şifresi geçersiz` is a true cancellation), so "şifre" alone is not
  /// enough.
  static func isAboutAccess(_ text: String) -> Bool {
    let text = FoldedText(text.withoutBlanks)
    if text.text.utf8.count >= cutBytesMin, accessTexts.contains(where: { $0.hasPrefix(text.text) }) { return true }
    if text.contains("bayikodu") || text.contains("bayi kodu") { return true }
    if text.contains("yetkisiz") || text.contains("yetki yetersiz") { return true }
    return text.hasWord("ip") && (text.contains("gecersiz") || text.contains("hatali") || text.contains("izin"))
  }

  /// Whether a text is about the account's state rather than one order: access or balance.
  static func isAboutAccount(_ text: String) -> Bool {
    isAboutAccess(text) || FoldedText(text).contains("bakiye")
  }

  /// Whether a text speaks of the dealer's money, whatever it says of it.
  static func mentionsBalance(_ text: String) -> Bool {
    let text = text.lowercased()
    return ["bakiye", "balance"].contains { text.contains($0) }
  }

  /// Whether a text in the form of a cancellation says that the question, or the panel, failed: never taken for a
  /// cancelled order. `Hatalı ID` is a true reason, `Hata` and `Sistem hatası` are none.
  static func isAboutTrouble(_ text: String) -> Bool {
    let folded = FoldedText(text)
    return [
      "sistem", "baglanti", "tekrar den", "zaman asimi", "timeout", "yapilamadi", "parametre", "sorgu",
      "islem bulunamadi", "kayit bulunamadi",
      "referans",
    ]
    .contains { folded.contains($0) } || folded.hasWord("hata", "hatasi", "error")
  }

  /// Whether what stands in the PIN's place says that the order is still worked on (`2:islemde:` of some servers).
  static func isUnderWay(_ text: String) -> Bool {
    let folded = FoldedText(text)
    return ["islemde", "isleniyor", "bekleniyor", "bekleyiniz", "hazirlaniyor"].contains { folded.contains($0) }
  }

  /// Whether a refused question says that the panel is in trouble, rather than that it has no such order: broader, since
  /// here the doubt must keep an order from being sent again.
  static func isTroubleOfQuestion(_ text: String) -> Bool {
    let text = FoldedText(text)
    return ["yapilamadi", "baglanti", "sistem", "tekrar", "zaman asimi", "timeout", "hata", "eksik"]
      .contains { text.contains($0) }
  }
}
