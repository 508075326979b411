/// Writes text in the Turkish code page, as old panels do. What it does not have becomes `?`.
enum Windows1254Writer {
  static func bytes(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "Ğ": 0xD0
      case "İ": 0xDD
      case "Ş": 0xDE
      case "ğ": 0xF0
      case "ı": 0xFD
      case "ş": 0xFE
      default: scalar.value < 0x80 || (0xA0...0xFF).contains(scalar.value) ? UInt8(scalar.value) : UInt8(ascii: "?")
      }
    }
  }
}
