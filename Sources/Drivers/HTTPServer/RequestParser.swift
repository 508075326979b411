internal import CLLHTTP

/// Reads one request after the other with llhttp, Node's parser, in its strict mode and with none of its lenient flags.
///
/// llhttp stops where the head ends, before each chunk and where the request ends: what is wrong is refused before
/// anything behind it is read, and what comes behind a request stays its caller's. After an error nothing more is read.
final class RequestParser {
  /// Its address is the same for the parser's life; it knows the parser only while ``execute(_:)`` runs.
  private let machine = UnsafeMutablePointer<llhttp_t>.allocate(capacity: 1)
  private let headBytesMax: Int
  private var lines: LineCheck
  /// So much of the head was looked at.
  private var scanned = 0

  // What callbacks leave.
  private var parsed = ParsedHead()
  private var name: [UInt8] = []
  private var value: [UInt8] = []
  private var pieces: [UnsafeRawBufferPointer] = []
  private var isInHead = true
  private var isInTrailer = false
  /// Whether the request was read to its end.
  private(set) var isDone = false

  /// - Parameter headBytesMax: of a head, and of a chunked body's trailer.
  init(headBytesMax: Int) {
    self.headBytesMax = headBytesMax
    lines = LineCheck(.head, bytesMax: headBytesMax)
    llhttp_init(machine, HTTP_REQUEST, Self.settings)
  }

  deinit { machine.deallocate() }

  // MARK: Feeding

  /// Reads the head of the next request once it is here.
  ///
  /// - Parameter bytes: all that has come of the request; what was here before is not looked at again.
  /// - Returns: the head and how many bytes it has; nil while its end has not come.
  func readHead(_ bytes: UnsafeRawBufferPointer) throws(ServerProblem) -> (head: RequestHead, bytes: Int)? {
    if !isInHead { startOver() }
    var hasEnd = false
    while !hasEnd, scanned < bytes.count {
      hasEnd = try lines.take(bytes[scanned])
      scanned += 1
    }
    guard hasEnd else { return nil }
    let plain = try PlainHead(bytes[..<scanned])
    let count = try plain.bytes.withUnsafeBufferPointer { shown throws(ServerProblem) in
      try execute(UnsafeRawBufferPointer(shown))
    }
    guard !isInHead, count == plain.bytes.count else { throw .badRequest("the request is malformed") }
    let head = try RequestHead(plain, parsed)
    lines = LineCheck(.chunks, bytesMax: headBytesMax)
    // No byte more, yet the request may be at its end.
    _ = try execute(UnsafeRawBufferPointer(rebasing: bytes[scanned..<scanned]))
    return (head, scanned)
  }

  /// Hands each piece of the body to `take`; stops where the body ends.
  ///
  /// - Returns: how many of the bytes belong to the request.
  func readBody(
    _ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws(ServerProblem) -> Void
  ) throws(ServerProblem) -> Int {
    var position = 0
    while !isDone, position < bytes.count {
      let wasInTrailer = isInTrailer
      let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
      let count = try execute(rest)
      if parsed.isChunked { try checkLines(of: UnsafeRawBufferPointer(rebasing: rest[..<count])) }
      if isInTrailer, !wasInTrailer { lines = LineCheck(.trailer, bytesMax: headBytesMax) }
      for piece in pieces { try take(piece) }
      position += count
    }
    return position
  }

  /// Looks at what stands between the pieces.
  private func checkLines(of bytes: UnsafeRawBufferPointer) throws(ServerProblem) {
    var rest = bytes[...]
    for piece in pieces {
      guard let base = bytes.baseAddress, let start = piece.baseAddress else { continue }
      for byte in rest[..<(start - base)] { _ = try lines.take(byte) }
      rest = bytes[(start - base + piece.count)...]
    }
    for byte in rest { _ = try lines.take(byte) }
  }

  private func startOver() {
    llhttp_reset(machine)
    lines = LineCheck(.head, bytesMax: headBytesMax)
    parsed = ParsedHead()
    (scanned, isInHead, isInTrailer, isDone) = (0, true, false, false)
  }

  /// - Returns: how many bytes were read: all, or those before a stop.
  private func execute(_ bytes: UnsafeRawBufferPointer) throws(ServerProblem) -> Int {
    pieces.removeAll(keepingCapacity: true)
    guard let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return 0 }
    machine.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    defer { machine.pointee.data = nil }
    llhttp_resume(machine)
    switch llhttp_execute(machine, start, bytes.count) {
    case HPE_OK: return bytes.count
    case HPE_PAUSED: return llhttp_get_error_pos(machine).map { $0 - start } ?? 0
    case HPE_INVALID_VERSION: throw .wrongVersion
    case HPE_CB_HEADER_FIELD_COMPLETE: throw .badRequest("a header has no name")
    default:
      // One of llhttp's own texts: there is nothing to escape.
      let reason = llhttp_get_error_reason(machine).map { String(cString: $0) } ?? "no HTTP"
      throw .badRequest("the request is malformed: \(reason)")
    }
  }

  // MARK: Callbacks

  /// One for all parsers, never freed.
  nonisolated(unsafe) private static let settings: UnsafeMutablePointer<llhttp_settings_t> = {
    let settings = UnsafeMutablePointer<llhttp_settings_t>.allocate(capacity: 1)
    llhttp_settings_init(settings)
    settings.pointee.on_url = { machine, at, count in tell(machine) { $0.parsed.target += bytes(at, count) } }
    settings.pointee.on_header_field = { machine, at, count in tell(machine) { $0.name += bytes(at, count) } }
    settings.pointee.on_header_field_complete = { machine in
      var hasName = false
      _ = tell(machine) { hasName = !$0.name.isEmpty }
      return hasName ? 0 : -1
    }
    settings.pointee.on_header_value = { machine, at, count in tell(machine) { $0.value += bytes(at, count) } }
    settings.pointee.on_header_value_complete = { machine in tell(machine) { $0.endHeader() } }
    settings.pointee.on_headers_complete = { machine in tell(machine, thenStop: true) { $0.endHead() } }
    settings.pointee.on_chunk_header = { machine in tell(machine, thenStop: true) { $0.beginChunk() } }
    settings.pointee.on_body = { machine, at, count in tell(machine) { $0.pieces.append(bytes(at, count)) } }
    settings.pointee.on_message_complete = { machine in tell(machine, thenStop: true) { $0.isDone = true } }
    return settings
  }()

  /// - Returns: what llhttp is to do next.
  private static func tell(
    _ machine: UnsafeMutablePointer<llhttp_t>?, thenStop: Bool = false, _ note: (RequestParser) -> Void
  ) -> Int32 {
    guard let context = machine?.pointee.data else { return -1 }
    note(Unmanaged<RequestParser>.fromOpaque(context).takeUnretainedValue())
    return thenStop ? Int32(bitPattern: HPE_PAUSED.rawValue) : 0
  }

  private static func bytes(_ start: UnsafePointer<CChar>?, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: start, count: count)
  }

  private func endHeader() {
    if isInHead {
      parsed.headers.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
    }
    name.removeAll(keepingCapacity: true)
    value.removeAll(keepingCapacity: true)
  }

  private func endHead() {
    func has(_ flag: llhttp_flags) -> Bool { UInt32(machine.pointee.flags) & flag.rawValue != 0 }
    isInHead = false
    parsed.version = (machine.pointee.http_major, machine.pointee.http_minor)
    if has(F_CONTENT_LENGTH) { parsed.contentLength = machine.pointee.content_length }
    parsed.isChunked = has(F_CHUNKED)
    parsed.asksToClose = has(F_CONNECTION_CLOSE)
  }

  private func beginChunk() { if machine.pointee.content_length == 0 { isInTrailer = true } }
}
