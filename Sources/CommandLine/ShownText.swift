/// Text that came from outside, made fit to stand in a line of output.
public enum ShownText {
  /// Makes every control character visible, and every sign that would turn the direction of the text around it.
  ///
  /// An order's field must not move the cursor, colour the screen, or make `ödenmedi` read as `ödendi`.
  public static func visible(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { replacement($0) != nil }) else { return text }
    var shown = ""
    for scalar in text.unicodeScalars {
      if let replacement = replacement(scalar) { shown += replacement } else { shown.unicodeScalars.append(scalar) }
    }
    return shown
  }

  private static func replacement(_ scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case ..<0x20: Unicode.Scalar(0x2400 + scalar.value).map { String($0) }
    case 0x7F: "␡"
    case 0x80..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069:
      "<U+\(hex(scalar.value))>"
    default: nil
    }
  }

  private static func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// Keeps text that is read from the right apart from what stands around it, on a terminal that knows how: between
  /// FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE.
  public static func isolated(_ text: String) -> String {
    text.unicodeScalars.contains(where: isReadFromTheRight) ? "\u{2068}\(text)\u{2069}" : text
  }

  /// Hebrew, Arabic, Syriac, Thaana, N'Ko and their neighbours: the blocks that Unicode sets aside for such scripts.
  private static func isReadFromTheRight(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFE, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
    default: false
    }
  }

  /// At most `width` columns; what is cut off is said with `…`.
  public static func cut(_ text: String, to width: Int) -> String {
    guard DisplayWidth.of(text) > width else { return text }
    guard width > 0 else { return "" }
    var cut = ""
    var used = 1
    for character in text {
      used += DisplayWidth.of(character)
      if used > width { break }
      cut.append(character)
    }
    return cut + "…"
  }
}
