extension WireJSON {
  /// A text or a number as a field of a line, which it must not end: by byte, as the line is split.
  var field: String { (scalar ?? "").asField }
}

extension String {
  /// Without what would end a field.
  var asField: String {
    String(decoding: utf8.map { $0 == UInt8(ascii: "|") ? UInt8(ascii: "/") : $0 }, as: UTF8.self)
  }

  /// Whether it is a number that a provider counts its rows by, and so may stand in a path.
  var isRowNumber: Bool { (1...18).contains(utf8.count) && utf8.allSatisfy(\.isASCIIDigit) }
}
