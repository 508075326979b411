/// Whether an order is only completed with the code that its customer was given.
public enum HandOver: String, Sendable, CaseIterable {
  case code
  case none

  /// Characters of a code.
  public static let codeCharacters = 8
  /// Wrong tries after which a person looks at the order.
  public static let triesMax = 5

  /// Capitals and digits that nobody mistakes for another: no 0 and O, 1, I and L, 2 and Z, 5 and S, 8 and B, U and V.
  static let alphabet = Array("ACDEFGHJKMNPQRTVWXY34679".utf8)

  /// A code for one order.
  ///
  /// - Parameter random: the system's; a code is guessed in one of 10^11 tries.
  public static func make(using random: inout some RandomNumberGenerator) -> String {
    String(
      decoding: (0..<codeCharacters).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] },
      as: UTF8.self)
  }

  /// Whether what a partner typed or scanned is the code: in small letters and with blanks or dashes between, too.
  ///
  /// Takes as long whatever is wrong with it, so that the time says nothing about the code.
  public static func matches(_ entered: String, code: String) -> Bool {
    var typed: [UInt8] = []
    // What is longer is wrong anyway, and costs no more.
    for byte in entered.utf8.prefix(enteredBytesMax) {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"): typed.append(byte - 32)
      case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "\t"): continue
      default: typed.append(byte)
      }
    }
    let right = Array(code.utf8)
    var differences = UInt8(typed.count == right.count && !right.isEmpty ? 0 : 1)
    for index in right.indices { differences |= (index < typed.count ? typed[index] : 0) ^ right[index] }
    return differences == 0
  }

  /// What a code with blanks and dashes in it never exceeds.
  private static let enteredBytesMax = 64
}
