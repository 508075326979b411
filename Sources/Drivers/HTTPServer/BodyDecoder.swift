/// Takes a request's body out of the bytes behind its head, as strictly as ``RequestHead``.
struct BodyDecoder {
  private enum State {
    /// So many bytes of the body, or of a chunk, are still to come.
    case bytes(Int)
    case chunkSize, chunkEnd, trailer, done
  }

  /// The longest line of a chunk's size with its extensions, which are dropped.
  static let sizeLineBytesMax = 256
  private static let sizeDigitsMax = 8

  private var state: State
  private let isChunked: Bool
  private var line: [UInt8] = []
  private var trailerBytesLeft: Int

  init(_ framing: RequestHead.Framing, trailerBytesMax: Int) {
    trailerBytesLeft = trailerBytesMax
    isChunked = framing == .chunked
    switch framing {
    case .none: state = .done
    case .length(let count): state = count == 0 ? .done : .bytes(count)
    case .chunked: state = .chunkSize
    }
  }

  var isDone: Bool { if case .done = state { true } else { false } }

  /// Hands each piece of the body to `take`; stops where the body ends.
  ///
  /// - Returns: how many of the bytes belong to the request.
  mutating func read(
    _ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws(ServerProblem) -> Void
  ) throws(ServerProblem) -> Int {
    var position = 0
    while position < bytes.count {
      switch state {
      case .done: return position
      case .bytes(let left):
        let count = min(left, bytes.count - position)
        try take(UnsafeRawBufferPointer(rebasing: bytes[position..<position + count]))
        position += count
        if count < left { state = .bytes(left - count) } else { state = isChunked ? .chunkEnd : .done }
      case .chunkSize, .chunkEnd, .trailer:
        try readByte(bytes[position])
        position += 1
      }
    }
    return position
  }

  private mutating func readByte(_ byte: UInt8) throws(ServerProblem) {
    guard line.last == ASCII.cr else {
      guard byte != ASCII.lf, line.count < Self.sizeLineBytesMax || isInTrailer else {
        throw .badRequest("the chunked body is malformed")
      }
      if isInTrailer {
        trailerBytesLeft -= 1
        guard trailerBytesLeft >= 0 else { throw .badRequest("the chunked body's trailer is too long") }
      }
      line.append(byte)
      return
    }
    guard byte == ASCII.lf else { throw .badRequest("the chunked body is malformed") }
    line.removeLast()
    defer { line.removeAll(keepingCapacity: true) }
    switch state {
    case .chunkSize:
      let size = try Self.size(line)
      state = size == 0 ? .trailer : .bytes(size)
    case .chunkEnd:
      guard line.isEmpty else { throw .badRequest("the chunked body is malformed") }
      state = .chunkSize
    case .trailer: if line.isEmpty { state = .done }
    case .bytes, .done: break
    }
  }

  private var isInTrailer: Bool { if case .trailer = state { true } else { false } }

  private static func size(_ line: [UInt8]) throws(ServerProblem) -> Int {
    let digits = line.prefix { ASCII.hexadecimal($0) != nil }
    let rest = line[digits.count...]
    guard (1...sizeDigitsMax).contains(digits.count), rest.isEmpty || rest.first == UInt8(ascii: ";"),
      rest.allSatisfy(ASCII.isValue)
    else { throw .badRequest("a chunk's size must be hexadecimal digits") }
    return digits.reduce(0) { $0 << 4 | Int(ASCII.hexadecimal($1) ?? 0) }
  }
}
