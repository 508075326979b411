/// Text that is the same only if its bytes are: to a Swift `String` the letter é and an e with an accent behind it are
/// one, to PostgreSQL, a shop and a provider they are two.
public struct ExactText: Hashable, Sendable {
  public let text: String
  public init(_ text: String) { self.text = text }

  public static func == (left: Self, right: Self) -> Bool { left.text.isExactly(right.text) }

  public func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
    // No byte of UTF-8: marks the end.
    hasher.combine(0xFF as UInt8)
  }
}

extension StringProtocol {
  /// Whether both are the same bytes of UTF-8.
  public func isExactly(_ other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }
}

extension String {
  /// As much of the text as fits into so many bytes of UTF-8, in whole characters of Unicode.
  public func prefix(bytes max: Int) -> String {
    guard utf8.count > max else { return self }
    var end = utf8.index(startIndex, offsetBy: max)
    while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
    return String(self[..<end])
  }
}

extension [String: String] {
  /// The value of the name that is `name` byte for byte.
  public func exactly(_ name: String) -> String? {
    guard let index = index(forKey: name), self[index].key.isExactly(name) else { return nil }
    return self[index].value
  }
}
