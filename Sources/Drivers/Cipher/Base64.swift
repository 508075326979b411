internal import COpenSSL

/// Base64 with padding (RFC 4648).
public enum Base64 {
  /// Bytes as base64.
  public static func encode(_ bytes: [UInt8]) -> String {
    let length = (bytes.count + 2) / 3 * 4
    let text = [UInt8](unsafeUninitializedCapacity: length + 1) { text, count in
      // It also writes a NUL.
      count = Int(EVP_EncodeBlock(text.baseAddress, bytes, Int32(bytes.count)))
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Bytes as base64 for URLs (`-` and `_`, no padding): for tokens.
  public static func encodeURLSafe(_ bytes: [UInt8]) -> String {
    let text = encode(bytes).utf8.compactMap { digit -> UInt8? in
      switch digit {
      case UInt8(ascii: "+"): UInt8(ascii: "-")
      case UInt8(ascii: "/"): UInt8(ascii: "_")
      case UInt8(ascii: "="): nil
      default: digit
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of what ``encodeURLSafe(_:)`` made; nil for anything else, such as another way to write the same bytes.
  public static func decodeURLSafe(_ text: String) -> [UInt8]? {
    let digits = text.utf8.map { digit -> UInt8 in
      switch digit {
      case UInt8(ascii: "-"): UInt8(ascii: "+")
      case UInt8(ascii: "_"): UInt8(ascii: "/")
      case UInt8(ascii: "+"), UInt8(ascii: "/"): 0
      default: digit
      }
    }
    let padding = String(repeating: "=", count: (4 - digits.count % 4) % 4)
    guard let bytes = decode(String(decoding: digits, as: UTF8.self) + padding), encodeURLSafe(bytes) == text else {
      return nil
    }
    return bytes
  }

  /// The bytes of a base64 text; nil when it is none.
  public static func decode(_ text: String) -> [UInt8]? {
    let text = Array(text.utf8)
    guard !text.isEmpty else { return [] }
    let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    // OpenSSL skips white space, knows no length of the result, and takes padding in the middle.
    guard text.count % 4 == 0, padding <= 2, text.dropLast(padding).allSatisfy({ isDigit($0) }) else { return nil }
    var bytes = [UInt8](repeating: 0, count: text.count / 4 * 3)
    guard EVP_DecodeBlock(&bytes, text, Int32(text.count)) == bytes.count else { return nil }
    bytes.removeLast(padding)
    return bytes
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
      true
    default: false
    }
  }
}
