/// What of a request's lines llhttp takes and we don't: each byte of the head, of the lines between chunks and of the
/// trailer is looked at once.
///
/// Lines end with CRLF and nothing else, and none goes on with a blank on the next: a server that also takes a bare LF,
/// or a folded line, sees other headers than the proxy in front of it, and so another body and another request behind it.
struct LineCheck {
  enum Part {
    case head, chunks, trailer
  }

  /// The longest line of a chunk's size with its extensions, which are dropped.
  static let sizeLineBytesMax = 256
  static let sizeDigitsMax = 8

  private let part: Part
  private let bytesMax: Int
  private var bytes = 0
  private var column = 0
  private var sizeDigits = 0
  private var followsCR = false

  /// - Parameter bytesMax: of the head or the trailer; of chunks each line is limited.
  init(_ part: Part, bytesMax: Int) {
    self.part = part
    self.bytesMax = bytesMax
  }

  /// - Returns: whether the byte ends an empty line.
  mutating func take(_ byte: UInt8) throws(ServerProblem) -> Bool {
    try count(byte)
    if byte == ASCII.lf {
      guard followsCR else { throw .badRequest("a line ends without CR") }
      let isEmpty = column == 1
      (column, sizeDigits, followsCR) = (0, 0, false)
      return isEmpty
    }
    guard !followsCR else { throw .badRequest("there is a CR that ends no line") }
    guard column > 0 || byte != ASCII.space && byte != ASCII.tab else {
      throw .badRequest("a line must not begin with a blank, as one that goes on with the line before it does")
    }
    column += 1
    followsCR = byte == ASCII.cr
    return false
  }

  private mutating func count(_ byte: UInt8) throws(ServerProblem) {
    bytes += 1
    switch part {
    case .head: if bytes > bytesMax { throw .headTooLarge(bytesMax: bytesMax) }
    case .trailer: if bytes > bytesMax { throw .badRequest("the chunked body's trailer is too long") }
    case .chunks:
      if sizeDigits == column, ASCII.hexadecimal(byte) != nil { sizeDigits += 1 }
      guard sizeDigits <= Self.sizeDigitsMax, column <= Self.sizeLineBytesMax + 1 else {
        throw .badRequest("the line of a chunk's size is too long")
      }
    }
  }
}
