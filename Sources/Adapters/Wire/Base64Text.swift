/// Base64 with padding (RFC 4648), as a login in a header is written.
enum Base64Text {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let part = bytes[start..<min(start + 3, bytes.count)]
      var word = part.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - part.count))
      word <<= 8
      for position in 0..<4 {
        text.append(position <= part.count ? alphabet[Int(word >> 26)] : UInt8(ascii: "="))
        word <<= 6
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension WireRequest.Authentication {
  /// What stands behind `Basic`: as secret as the password in it.
  package static func basicText(user: String, password: String) -> String {
    Base64Text.encode(Array("\(user):\(password)".utf8))
  }
}
