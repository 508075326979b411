/// The Turkish code page of old panels: Latin-1 but for six letters and the range 0x80 to 0x9F.
enum Windows1254 {
  /// 0x80 to 0x9F; nil where the code page has no character.
  private static let upperControls: [Unicode.Scalar?] = [
    "€", nil, "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", nil, nil, nil,
    nil, "‘", "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", nil, nil, "Ÿ",
  ]
  private static let letters: [UInt8: Unicode.Scalar] = [
    0xD0: "Ğ", 0xDD: "İ", 0xDE: "Ş", 0xF0: "ğ", 0xFD: "ı", 0xFE: "ş",
  ]

  /// Nil when a byte means nothing in this code page.
  static func decode(_ bytes: some Sequence<UInt8>) -> String? {
    var scalars = String.UnicodeScalarView()
    for byte in bytes {
      if let letter = letters[byte] {
        scalars.append(letter)
      } else if (0x80...0x9F).contains(byte) {
        guard let scalar = upperControls[Int(byte - 0x80)] else { return nil }
        scalars.append(scalar)
      } else {
        scalars.append(Unicode.Scalar(byte))
      }
    }
    return String(scalars)
  }

  /// Nil when the code page does not have the character.
  static func encode(_ scalar: Unicode.Scalar) -> UInt8? {
    if let letter = letters.first(where: { $0.value == scalar }) { return letter.key }
    if let index = upperControls.firstIndex(of: scalar) { return UInt8(0x80 + index) }
    guard scalar.value < 0x80 || (0xA0...0xFF).contains(scalar.value), letters[UInt8(scalar.value)] == nil else {
      return nil
    }
    return UInt8(scalar.value)
  }
}
