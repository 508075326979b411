/// Comma-separated values (RFC 4180) for a table program. A cell that such a program would take for a formula is made text:
/// customers choose what stands in many of them.
struct CSVText {
  private(set) var text = ""
  /// Without the first line.
  private(set) var rows = -1

  init(columns: [String]) { add(columns) }

  mutating func add(_ cells: [String]) {
    text += cells.map(Self.cell).joined(separator: ",") + "\r\n"
    rows += 1
  }

  static func cell(_ value: String) -> String {
    var value = value
    // A blank in front helps nothing where the program takes it away.
    if let first = value.unicodeScalars.first(where: { !$0.properties.isWhitespace || $0 == "\t" || $0 == "\r" }),
      "=+-@\t\r\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars.contains(first)
    {
      value = "'" + value
    }
    guard value.unicodeScalars.contains(where: { "\",\r\n;'\t ".unicodeScalars.contains($0) }) else { return value }
    return "\"" + value.replacing("\"", with: "\"\"") + "\""
  }
}
