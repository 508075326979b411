/// A head as llhttp is to see it, which is stricter than HTTP about methods, targets and blanks behind values, and laxer
/// about the request line.
struct PlainHead {
  static let methodBytesMax = 32

  /// As the client wrote it. llhttp knows some forty methods and takes others for no HTTP, though it is the handler that
  /// says which there are (405), so it is shown `GET` for each.
  let method: String
  private(set) var bytes = Array("GET ".utf8)
  /// The blanks behind the values of headers, by their index.
  private(set) var blanks: [Int: String] = [:]

  /// - Parameter head: with the empty line that ends it, let pass by ``LineCheck``.
  init(_ head: UnsafeRawBufferPointer.SubSequence) throws(ServerProblem) {
    let end = head.firstIndex(of: ASCII.cr) ?? head.endIndex
    let parts = head[..<end].split(separator: ASCII.space, omittingEmptySubsequences: false)
    // llhttp takes more spaces, RTSP, ICE, and a line without a version.
    guard parts.count == 3 else { throw .badRequest("the request line must be: METHOD TARGET HTTP/1.1") }
    guard (1...Self.methodBytesMax).contains(parts[0].count), parts[0].allSatisfy(ASCII.isToken) else {
      throw .badRequest("the method is no token")
    }
    guard parts[2].count == 8, parts[2].starts(with: "HTTP/".utf8) else {
      throw .badRequest("the request line must end with HTTP/1.1")
    }
    method = String(decoding: parts[0], as: UTF8.self)
    guard method != "CONNECT" else { throw .notImplemented("CONNECT is not possible here") }
    bytes.reserveCapacity(head.count + 16)
    append(target: parts[1])
    bytes.append(ASCII.space)
    bytes += parts[2]
    append(lines: head[end...])
  }

  /// Bytes above ASCII should be percent-encoded, which means the same; many clients write them as they are.
  private mutating func append(target: UnsafeRawBufferPointer.SubSequence) {
    for byte in target {
      if byte < 0x80 { bytes.append(byte) } else { bytes += "%\(String(byte, radix: 16))".utf8 }
    }
  }

  /// With a tab behind it, llhttp neither knows a length nor `chunked`.
  private mutating func append(lines: UnsafeRawBufferPointer.SubSequence) {
    var index = -1
    for byte in lines {
      if byte == ASCII.cr {
        let count = bytes.reversed().prefix { $0 == ASCII.space || $0 == ASCII.tab }.count
        if count > 0, index >= 0 {
          blanks[index] = String(decoding: bytes.suffix(count), as: UTF8.self)
          bytes.removeLast(count)
        }
        index += 1
      }
      bytes.append(byte)
    }
  }
}
