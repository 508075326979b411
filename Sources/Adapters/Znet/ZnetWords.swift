/// What the panel's words give away. Only ever used to believe a reply less, never more.
enum ZnetWords {
  /// Whether a refusal is about the dealer's login, address or permission, and so says nothing about an order.
  ///
  /// A player's password may be wrong too (`Oyuncu şifresi geçersiz` is a true cancellation), so "şifre" alone is not
  /// enough.
  static func isAboutLogin(_ text: String) -> Bool {
    let text = text.folded
    if text.contains("bayikodu") || text.contains("bayi kodu") { return true }
    if text.contains("yetkisiz") || text.contains("yetki yetersiz") { return true }
    let words = text.split { !$0.isLetter && !$0.isNumber }
    return words.contains("ip") && (text.contains("gecersiz") || text.contains("hatali") || text.contains("izin"))
  }

  /// Whether a refusal says that the reference is already there: then the panel does have an order.
  static func isAboutRepetition(_ text: String) -> Bool {
    let text = text.folded
    return ["daha once", "cakisma", "mukerrer", "duplicate", "ayni referans", "kullanilmis"]
      .contains { text.contains($0) }
  }

  /// Whether a refused question says that the panel is in trouble, rather than that it has no such order.
  static func isAboutTrouble(_ text: String) -> Bool {
    let text = text.folded
    return ["yapilamadi", "baglanti", "sistem", "tekrar", "zaman asimi", "timeout", "hata", "eksik"]
      .contains { text.contains($0) }
  }

  /// Digits with marks and perhaps a sign: what an amount looks like, even one that can't be read with certainty.
  static func isNumber(_ text: String) -> Bool {
    let text = text.withoutBlanks
    let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
    return digits.utf8.contains { (0x30...0x39).contains($0) }
      && digits.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2C }
  }

  /// What the panel prints where there is no PIN.
  static func isPlaceholder(_ slot: String) -> Bool {
    let slot = slot.withoutBlanks
    return slot.isEmpty || slot == "-"
  }

  /// Whether a text in the PIN slot may be a code rather than a sentence.
  static func looksLikeCode(_ text: String) -> Bool {
    let text = text.withoutBlanks
    return text.contains { $0.isNumber } && !text.contains { $0.isWhitespace }
  }
}
