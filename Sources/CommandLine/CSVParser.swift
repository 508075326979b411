/// Reads comma-separated values (RFC 4180) piece by piece: a byte order mark, either line end, quotes, commas or semicolons or
/// tabs, whichever the first line has.
///
/// A line that can't be read is told with its number, and the next one is read all the same.
public struct CSVParser {
  /// One line; it may be several in the file where a quoted field has line ends.
  public struct Row: Sendable, Equatable {
    /// Of the line in the file that it begins at, from 1.
    public let line: Int
    /// Why it can't be read; the fields are of no use then.
    public let problem: String?
    public let fields: [String]
  }

  public static let fieldBytesMax = 4096
  public static let fieldsMax = 64
  private static let separators: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
  private static let quote = UInt8(ascii: "\"")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  private enum Place { case start, plain, quoted, afterQuote }

  private var separator: UInt8?
  private var place = Place.start
  private var line = 1
  private var rowLine = 1
  private var fields: [String] = []
  private var field: [UInt8] = []
  private var problem: String?
  private var isEmptyRow = true
  private var mayHaveMark = true
  private var first: [UInt8] = []
  private var lastWasReturn = false

  public init() {}

  /// Takes the next piece of the file.
  ///
  /// - Parameter isEnd: whether it is the last one.
  /// - Returns: the rows that are whole by now.
  public mutating func feed(_ bytes: some Collection<UInt8>, isEnd: Bool) -> [Row] {
    var rows: [Row] = []
    if separator == nil {
      first.append(contentsOf: bytes)
      // The first line decides what stands between fields.
      guard
        let end = first.firstIndex(where: { $0 == Self.lineFeed || $0 == Self.carriageReturn })
          ?? (isEnd || first.count > Self.fieldBytesMax * 4 ? first.endIndex : nil)
      else { return [] }
      separator = Self.separators.max { a, b in first[..<end].count { $0 == a } < first[..<end].count { $0 == b } }
      if first.starts(with: [0xEF, 0xBB, 0xBF]) { first.removeFirst(3) }
      let all = first
      first = []
      for byte in all { take(byte, &rows) }
    } else {
      for byte in bytes { take(byte, &rows) }
    }
    if isEnd { finish(&rows) }
    return rows
  }

  private mutating func take(_ byte: UInt8, _ rows: inout [Row]) {
    // CR LF is one line end.
    if lastWasReturn {
      lastWasReturn = false
      if byte == Self.lineFeed {
        if place == .quoted { append(byte) }
        return
      }
    }
    switch place {
    case .quoted:
      if byte == Self.quote {
        place = .afterQuote
      } else {
        if byte == Self.lineFeed || byte == Self.carriageReturn {
          line += 1
          lastWasReturn = byte == Self.carriageReturn
        }
        append(byte)
      }
    case .start, .plain, .afterQuote:
      switch byte {
      case separator:
        isEmptyRow = false
        endField()
      case Self.lineFeed, Self.carriageReturn:
        lastWasReturn = byte == Self.carriageReturn
        endRow(&rows)
        line += 1
        rowLine = line
      case Self.quote where place == .start:
        isEmptyRow = false
        place = .quoted
      case Self.quote where place == .afterQuote:
        append(byte)
        place = .quoted
      default:
        isEmptyRow = false
        if place == .afterQuote { note("has something behind a closing quote") }
        if byte == Self.quote { note("has a quote inside a field that does not begin with one") }
        place = .plain
        append(byte)
      }
    }
  }

  private mutating func append(_ byte: UInt8) {
    guard field.count < Self.fieldBytesMax else { return note("has a field of more than \(Self.fieldBytesMax) bytes") }
    field.append(byte)
  }

  private mutating func note(_ what: String) { problem = problem ?? what }

  private mutating func endField() {
    if fields.count >= Self.fieldsMax {
      note("has more than \(Self.fieldsMax) fields")
    } else if let text = String(validating: field, as: UTF8.self) {
      if text.utf8.contains(0) { note("has a NUL character in field \(fields.count + 1)") }
      fields.append(text)
    } else {
      note("is not UTF-8 in field \(fields.count + 1)")
    }
    field.removeAll(keepingCapacity: true)
    place = .start
  }

  private mutating func endRow(_ rows: inout [Row]) {
    endField()
    // An empty line says nothing, wherever it stands.
    if !isEmptyRow || problem != nil {
      rows.append(Row(line: rowLine, problem: problem, fields: problem == nil ? fields : []))
    }
    fields = []
    problem = nil
    isEmptyRow = true
  }

  private mutating func finish(_ rows: inout [Row]) {
    if place == .quoted { note("begins a quote that never ends, so nothing behind it was read") }
    if !isEmptyRow || !field.isEmpty { endRow(&rows) }
  }
}
