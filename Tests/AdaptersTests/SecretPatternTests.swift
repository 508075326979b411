import Foundation
import Orders
import Testing

@testable import Adapters

/// Credentials in what a provider sends back, escaped by whoever wrote the panel.
@Suite struct SecretPatternTests {
  private static let secret = "Şif&re+9 \"x'é€/ğ"

  private static func account(_ secret: String = secret) -> ProviderAccount {
    ProviderAccount(
      id: 1, name: "panel", adapter: "znet", baseURL: "http://x", credentials: ["kod": "5551234", "sifre": secret])
  }

  private static let spellings: [String] = {
    let plain = secret
    func percent(_ kept: String) -> String {
      plain.addingPercentEncoding(withAllowedCharacters: CharacterSet(charactersIn: kept).union(.alphanumerics.ascii))!
    }
    return [
      plain, percent("-._~"), percent("-._~").lowercasedEscapes, percent("-._~").replacing("%20", with: "+"),
      percent("-._~!*'()&=+/\""), plain.replacing("&", with: "&amp;").replacing("\"", with: "&quot;"),
      plain.replacing("&", with: "&#38;").replacing("\"", with: "&#34;").replacing("'", with: "&#039;"),
      plain.replacing("Ş", with: "&#350;").replacing("ğ", with: "&#x11F;"),
      plain.replacing("\"", with: "\\\"").replacing("/", with: "\\/"),
      plain.replacing("Ş", with: "\\u015e").replacing("é", with: "\\u00E9").replacing("\"", with: "\\u0022")
        .replacing("€", with: "\\u20ac"),
      plain.replacing("\"", with: "\\\"").replacing("'", with: "\\'"), Data(plain.utf8).base64EncodedString(),
      Data(plain.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_"),
      plain.utf8.map { String(format: "%02x", $0) }.joined(), plain.utf8.map { String(format: "%02X", $0) }.joined(),
    ]
  }()

  @Test(arguments: spellings)
  func aCredentialIsFoundHoweverItIsEscaped(_ spelling: String) {
    let shown = Redaction.removing(credentialsOf: Self.account(), from: "a=\(spelling)&b \(spelling) 5551234;55512")
    // Of base64, padding and what depends on it may stay.
    #expect(shown.hasPrefix("a=••••") && shown.hasSuffix(" ••••;55512") && shown.count < 30, "\(shown)")
  }

  @Test func theOldCodePageIsKnown() {
    let bytes: [UInt8] = [0xDE] + Array("if&re+9 \"x'".utf8) + [0xE9, 0x80, 0x2F, 0xF0]
    #expect(Redaction.removing(credentialsOf: Self.account(), from: [0x41] + bytes + [0x42]) == [0x41] + "••••B".utf8)
    #expect(Windows1254.decode(bytes) == Self.secret)
    let escaped = "%DEif%26re%2B9+%22x%27%E9%80%2F%F0"
    #expect(Redaction.removing(credentialsOf: Self.account(), from: escaped) == "••••")
  }

  @Test func whatIsNoSecretStays() {
    let account = Self.account()
    for text in ["OK|2|AB12-CD34|Onaylandı", "555123", "Şif&re", "OK|32.50|100.00", "“Şif", ""] {
      #expect(Redaction.removing(credentialsOf: account, from: text) == text)
    }
  }

  @Test func aQuoteThatWasCutHidesTheBeginning() {
    let account = Self.account()
    let text = String(repeating: "x", count: 195) + Self.secret
    #expect(Redaction.removing(credentialsOf: account, from: text.quoted).hasSuffix("x••••…”"))
    #expect(
      Redaction.removing(credentialsOf: account, from: "beginning with \("5551".quoted)") == "beginning with “••••”")
    #expect(Redaction.removing(credentialsOf: account, from: "“55”") == "“55”")
  }

  @Test func aPinIsHiddenInANote() {
    for (pin, note) in [("AB-12", "Kod AB-12."), ("A&B \"ş", "Kod A&amp;B &quot;ş."), ("A&B ş", "Kod A%26B+%c5%9f.")] {
      #expect(note.replacingOccurrences(of: Pin(pin)) == "Kod ••••.")
    }
  }
}

extension CharacterSet {
  fileprivate var ascii: CharacterSet { intersection(CharacterSet(charactersIn: "\u{0}"..."\u{7f}")) }
}

extension String {
  /// `%C5` as `%c5`.
  fileprivate var lowercasedEscapes: String {
    var result = ""
    var left = 0
    for character in self {
      result += left > 0 ? character.lowercased() : String(character)
      left = character == "%" ? 2 : max(0, left - 1)
    }
    return result
  }
}
