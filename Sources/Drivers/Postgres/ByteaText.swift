/// Reads `bytea` as text, in either form that a server may be set to write (`bytea_output`).
///
/// Which form it is shows by itself: a backslash among the bytes is doubled in the form `escape`, so that nothing in it
/// begins with `\x`.
enum ByteaText {
  private static let backslash = UInt8(ascii: "\\")

  /// nil when the text is neither form.
  static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
    if text.count >= 2, text[0] == backslash, text[1] == UInt8(ascii: "x") { return Hex.decode(text) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      if text[index] != backslash {
        bytes.append(text[index])
        index += 1
      } else if index + 1 < text.count, text[index + 1] == backslash {
        bytes.append(backslash)
        index += 2
      } else {
        guard index + 3 < text.count, let high = octal(text[index + 1]), high < 4, let middle = octal(text[index + 2]),
          let low = octal(text[index + 3])
        else { return nil }
        bytes.append(high << 6 | middle << 3 | low)
        index += 4
      }
    }
    return bytes
  }

  private static func octal(_ digit: UInt8) -> UInt8? {
    (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) ? digit - UInt8(ascii: "0") : nil
  }
}
