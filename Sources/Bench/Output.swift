import FoundationEssentials
import Glibc

/// Lines on standard output, past the buffering of `print`, which would hold them back from a pipe.
enum Output {
  static func line(_ text: String) { write(text, to: 1) }
  /// What is going on; not part of the result.
  static func progress(_ text: String) { write(text, to: 2) }

  private static func write(_ text: String, to descriptor: Int32) {
    let bytes = Array("\(text)\n".utf8)
    _ = Glibc.write(descriptor, bytes, bytes.count)
  }

  /// Writes a report to a file, with names in snake case.
  static func json(_ report: some Encodable, to file: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    try (try encoder.encode(report) + Data([UInt8(ascii: "\n")])).write(to: URL(filePath: file))
  }

  static func text(_ text: String, to file: String) throws { try Data(text.utf8).write(to: URL(filePath: file)) }

  /// Columns: the first to the left, the others to the right.
  static func table(_ rows: [[String]]) {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    for row in rows {
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }
      line(cells.joined(separator: "  "))
    }
  }
}

extension Double {
  /// To four digits: more than a measurement here can claim.
  var fourDigits: Double {
    guard isFinite, self != 0 else { return self }
    let scale = pow(10, 3 - floor(log10(magnitude)))
    return (self * scale).rounded() / scale
  }

  /// With thousands marked and as many decimals as its size deserves: 104,512 or 12.3 or 0.041.
  var short: String {
    guard isFinite else { return "–" }
    if magnitude >= 100 {
      var text = String(Int64(rounded().magnitude))
      var position = text.count - 3
      while position > 0 {
        text.insert(",", at: text.index(text.startIndex, offsetBy: position))
        position -= 3
      }
      return (self < 0 ? "-" : "") + text
    }
    let factor = magnitude >= 10 ? 10.0 : magnitude >= 1 ? 100.0 : 1000.0
    return "\((self * factor).rounded() / factor)"
  }
}
