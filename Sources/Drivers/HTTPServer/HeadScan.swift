/// Looks for the end of a request's head in bytes that come piece by piece; each is looked at once.
///
/// Lines end with CRLF and nothing else: a server that also takes a bare CR or LF for a line end sees other headers
/// than the proxy in front of it, and so another body and another request behind it.
struct HeadScan {
  private var position = 0
  private var lineStart = 0

  /// - Returns: how many bytes the head has, with the empty line that ends it; nil while that has not come.
  /// - Throws: what is to be answered to a head that is no head.
  mutating func end(in bytes: UnsafeRawBufferPointer, bytesMax: Int) throws(ServerProblem) -> Int? {
    while position < bytes.count {
      guard position < bytesMax else { throw .headTooLarge(bytesMax: bytesMax) }
      let byte = bytes[position]
      let followsCR = position > 0 && bytes[position - 1] == ASCII.cr
      if byte == ASCII.lf {
        guard followsCR else { throw .badRequest("a line of the head ends without CR") }
        if position == lineStart + 1 { return position + 1 }
        lineStart = position + 1
      } else if followsCR {
        throw .badRequest("the head has a CR that ends no line")
      }
      position += 1
    }
    return nil
  }
}
