/// What a request is about: the path and query of its target, decoded.
struct RequestTarget {
  var path: String
  var parameters: [HTTPRequest.Parameter]
  /// Path and query, byte for byte.
  var raw: String
  /// The host and port of a target in absolute form (`GET http://host/path`), which then stand for the Host header.
  var authority: String?

  /// Reads a target in origin form, in absolute form, or `*`, of characters that llhttp let pass.
  init(_ bytes: UnsafeRawBufferPointer.SubSequence, method: String) throws(ServerProblem) {
    guard !bytes.contains(UInt8(ascii: "#")) else { throw .badRequest("the target must have no fragment (#)") }
    if bytes.count == 1, bytes.first == UInt8(ascii: "*") {
      guard method == "OPTIONS" else { throw .badRequest("the target * is for OPTIONS alone") }
      (path, parameters, raw) = ("*", [], "*")
      return
    }
    var origin = bytes
    if bytes.first != UInt8(ascii: "/") { (authority, origin) = try Self.absolute(bytes) }
    raw = String(decoding: origin, as: UTF8.self)
    let mark = origin.firstIndex(of: UInt8(ascii: "?")) ?? origin.endIndex
    path = origin.startIndex == mark ? "/" : try Self.decodedPath(origin[..<mark])
    parameters = mark == origin.endIndex ? [] : try Self.parameters(origin[origin.index(after: mark)...])
  }

  /// Splits `http://host:port/path`.
  private static func absolute(
    _ bytes: UnsafeRawBufferPointer.SubSequence
  ) throws(ServerProblem) -> (String, UnsafeRawBufferPointer.SubSequence) {
    for scheme in ["http://", "https://"] {
      guard bytes.count > scheme.utf8.count,
        zip(bytes, scheme.utf8).allSatisfy({ $0 == $1 || $0 | 0x20 == $1 && $1 >= UInt8(ascii: "a") })
      else { continue }
      let rest = bytes.dropFirst(scheme.utf8.count)
      let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
      let authority = String(decoding: rest[..<end], as: UTF8.self)
      guard RequestHead.isHost(authority) else { break }
      return (authority, rest[end...])
    }
    throw .badRequest("the target must be a path such as /v1/orders, or a URL")
  }

  private static func decodedPath(_ bytes: UnsafeRawBufferPointer.SubSequence) throws(ServerProblem) -> String {
    let decoded = try decoded(bytes, plusIsSpace: false)
    guard let text = String(validating: decoded, as: UTF8.self) else {
      throw .badRequest("the path is not UTF-8")
    }
    guard decoded.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw .badRequest("the path must not contain control characters")
    }
    return text
  }

  private static func parameters(
    _ query: UnsafeRawBufferPointer.SubSequence
  ) throws(ServerProblem) -> [HTTPRequest.Parameter] {
    var parameters: [HTTPRequest.Parameter] = []
    for pair in query.split(separator: UInt8(ascii: "&")) {
      let mark = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      let name = try decoded(pair[..<mark], plusIsSpace: true)
      let value = mark == pair.endIndex ? [] : try decoded(pair[pair.index(after: mark)...], plusIsSpace: true)
      let exact = (String(validating: name, as: UTF8.self), String(validating: value, as: UTF8.self))
      parameters.append(
        .init(
          name: exact.0 ?? String(decoding: name, as: UTF8.self),
          value: exact.1 ?? String(decoding: value, as: UTF8.self), isUTF8: exact.0 != nil && exact.1 != nil))
    }
    return parameters
  }

  private static func decoded(
    _ bytes: UnsafeRawBufferPointer.SubSequence, plusIsSpace: Bool
  ) throws(ServerProblem) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var position = bytes.startIndex
    while position < bytes.endIndex {
      let byte = bytes[position]
      if byte == UInt8(ascii: "%") {
        guard position + 2 < bytes.endIndex, let high = ASCII.hexadecimal(bytes[position + 1]),
          let low = ASCII.hexadecimal(bytes[position + 2])
        else { throw .badRequest("in the target, % must be followed by two hexadecimal digits") }
        out.append(high << 4 | low)
        position += 3
      } else {
        out.append(plusIsSpace && byte == UInt8(ascii: "+") ? ASCII.space : byte)
        position += 1
      }
    }
    return out
  }
}
