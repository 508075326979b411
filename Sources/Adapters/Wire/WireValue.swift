/// What a parameter's value may be, before it is written into a request.
enum WireValue {
  /// Words that go on after the parameter's name; nil when nothing is wrong with a value.
  static func mistake(in value: String, bytesMax: Int) -> String? {
    if value.withoutBlanks.isEmpty { return "is missing" }
    if value.utf8.count > bytesMax { return "has \(value.utf8.count) bytes, but may have at most \(bytesMax)" }
    if value.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) {
      return "has a control character in it"
    }
    return nil
  }

  /// `5` or `12.50`: what JSON takes as a number as it stands, without sign and exponent.
  static func isAmount(_ value: String) -> Bool {
    let parts = value.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), value.utf8.count <= 16,
      parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isASCIIDigit) })
    else { return false }
    return parts[0].count == 1 || parts[0].first != UInt8(ascii: "0")
  }
}
