import Orders

/// One mailbox, strictly: what is taken here can end no header and name no second one.
public struct EmailAddress: Sendable, Equatable {
  /// What people see; may be empty.
  public let name: String
  public let mailbox: String
  /// Behind the `@`.
  public var domain: String { String(mailbox.split(separator: "@").last ?? "") }

  private static let localBytesMax = 64
  private static let mailboxBytesMax = 254
  private static let nameCharactersMax = 100

  /// nil when it is none.
  public init?(_ text: String) {
    guard OddCharacter.control(in: text) == nil else { return nil }
    var (name, mailbox) = ("", text.withoutBlanks)
    if text.hasSuffix(">"), let start = text.firstIndex(of: "<") {
      name = String(text[..<start]).withoutBlanks
      mailbox = String(text[text.index(after: start)...].dropLast())
      if name.hasPrefix("\""), name.hasSuffix("\""), name.count >= 2 { name = String(name.dropFirst().dropLast()) }
    }
    guard Self.isMailbox(mailbox), name.count <= Self.nameCharactersMax, !name.contains("\""), !name.contains("\\")
    else { return nil }
    (self.name, self.mailbox) = (name, mailbox)
  }

  private static func isMailbox(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, text.utf8.count <= mailboxBytesMax, (1...localBytesMax).contains(parts[0].utf8.count) else {
      return false
    }
    let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    return isAtoms(parts[0])
      && labels.allSatisfy { label in
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
          && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
      }
  }

  /// Words of RFC 5321 between dots, without quotes.
  private static func isAtoms(_ text: Substring) -> Bool {
    text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { word in
      !word.isEmpty && word.utf8.allSatisfy { isAlphanumeric($0) || "!#$%&'*+-/=?^_`{|}~".utf8.contains($0) }
    }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    byte.isASCIIDigit || (65...90).contains(byte) || (97...122).contains(byte)
  }

  /// As a header has it.
  var header: String { name.isEmpty ? mailbox : "\(EmailHeader.phrase(name)) <\(mailbox)>" }
}
