import EventLoop
import Glibc

/// A file of comma-separated values whose first line names the columns; read in pieces, so that its size does not matter.
public struct CSVFile {
  /// Why a file can't be used at all.
  public struct Failure: Error, CustomStringConvertible, Equatable {
    public let description: String
    public init(_ description: String) { self.description = description }
  }

  /// A line by its columns.
  public struct Line {
    public let number: Int
    /// Why it can't be read; nothing of it is used then.
    public let problem: String?
    fileprivate let fields: [String]
    fileprivate let columns: [String: Int]

    /// Without blanks around it; nil where the file has no such column, or nothing stands there.
    public func field(_ column: String) -> String? {
      guard let index = columns[column], index < fields.count else { return nil }
      let text = fields[index].trimmingBlanks
      return text.isEmpty ? nil : text
    }
  }

  public static let bytesMax = 1_073_741_824
  private static let pieceBytes = 1_048_576

  public let path: String

  public init(_ path: String) { self.path = path }

  /// Hands each line to `body`, with what was read so far of how much, in bytes.
  ///
  /// - Parameters:
  ///   - required: columns that the first line has to name; capitals and blanks around a name don't matter.
  ///   - known: every column there may be; nil where others are passed over.
  ///   - piece: is handed what was read, as it was read.
  /// - Throws: ``Failure`` when the file can't be read or its first line names no such columns; what `body` throws.
  @LoopActor
  public func read(
    required: [String], known: [String]? = nil, piece: (ArraySlice<UInt8>) -> Void = { _ in },
    _ body: @LoopActor (Line, _ read: Int, _ size: Int) async throws -> Void
  ) async throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure("\(path): \(FileTrouble(path).reason)") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Failure("\(path) is no file")
    }
    let size = Int(status.st_size)
    guard size <= Self.bytesMax else { throw Failure("\(path) is larger than \(Self.bytesMax) bytes") }
    var (parser, columns, total) = (CSVParser(), [String: Int]?.none, 0)
    var buffer = [UInt8](repeating: 0, count: Self.pieceBytes)
    var isEnd = false
    while !isEnd {
      // Whole pieces, so that the same file is always cut in the same way.
      var filled = 0
      while filled < buffer.count {
        let count = buffer.withUnsafeMutableBytes {
          Glibc.read(descriptor, $0.baseAddress.map { $0 + filled }, $0.count - filled)
        }
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw Failure("\(path) can't be read: \(String(cString: strerror(errno)))") }
        if count == 0 { break }
        filled += count
      }
      isEnd = filled < buffer.count
      total += filled
      piece(buffer[..<filled])
      for row in parser.feed(buffer[..<filled], isEnd: isEnd) {
        guard let known = columns else {
          columns = try self.columns(row, required, known)
          continue
        }
        let problem =
          row.problem ?? (row.fields.count > known.count ? "has more fields than the first line names columns" : nil)
        try await body(Line(number: row.line, problem: problem, fields: row.fields, columns: known), total, size)
      }
    }
    guard columns != nil else { throw Failure("\(path) is empty; its first line has to name \(Self.list(required))") }
  }

  private func columns(_ row: CSVParser.Row, _ required: [String], _ known: [String]?) throws(Failure) -> [String: Int]
  {
    if let problem = row.problem { throw Failure("line \(row.line) of \(path) \(problem)") }
    var columns: [String: Int] = [:]
    for (index, name) in row.fields.enumerated() {
      let name = name.trimmingBlanks.lowercased()
      if let known, !known.contains(name) {
        // Never what stands there: it may be a secret where the line of names was forgotten.
        throw Failure(
          "line \(row.line) of \(path) has to name the columns, of \(Self.list(known)); field \(index + 1) is none of them"
        )
      }
      guard columns.updateValue(index, forKey: name) == nil || name.isEmpty else {
        throw Failure("line \(row.line) of \(path) names column \(index + 1) a second time")
      }
    }
    for name in required where columns[name.lowercased()] == nil {
      throw Failure("line \(row.line) of \(path) has to name the columns, and there is no column \(name)")
    }
    return columns
  }

  private static func list(_ names: [String]) -> String { names.joined(separator: ", ") }
}

extension String {
  /// Without blanks at either end.
  public var trimmingBlanks: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
