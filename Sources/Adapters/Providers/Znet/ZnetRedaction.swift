public import Orders

extension Znet {
  public func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8] {
    guard kind == .query || kind == .send else { return reply.body }
    let text: ReplyText
    do {
      // Whatever the status: an error may carry the line that it should not have.
      text = try ReplyText(WireReply(status: 200, body: reply.body))
    } catch {
      return Self.unread(reply.body, error)
    }
    var fields = text.fields
    switch fields[0] {
    case "OK":
      for index in fields.indices.dropFirst(2) where mayBeSecret(fields, at: index, kind: kind) {
        fields[index] = Redaction.dots
      }
      for index in fields.indices.dropFirst(3) where kind == .query { fields[index] = fields[index].withoutCodes }
    case "3", "4", "8":
      for index in fields.indices.dropFirst() { fields[index] = fields[index].withoutCodes }
    default:
      // Nobody knows what this is. Its beginning is enough to find out.
      return Array("\(text.text.prefix(4))\(Redaction.dots)".utf8)
    }
    let shown = Array(fields.joined(separator: "|").utf8)
    return pin.map { Redaction.removing($0, from: shown) } ?? shown
  }

  /// Of an answer that is no line: enough to find out what it is, and nothing that may be a PIN. A notice of PHP stands
  /// before or behind the true line.
  static func unread(_ body: [UInt8], _ problem: ReplyText.Problem) -> [UInt8] {
    switch problem {
    case .empty: return body
    case .status, .notText: return Array("(\(body.count) bytes that are no text)".utf8)
    case .html, .lines, .markup:
      // A web page is worth reading, without what may be a PIN.
      if problem == .html, !body.contains(UInt8(ascii: "|")), let text = String(validating: body, as: UTF8.self) {
        return Array(text.withoutCodes.utf8)
      }
      let begins = String(decoding: body.prefix(5), as: UTF8.self)
      return Array("\(begins)\(Redaction.dots) (\(body.count) bytes, \(problem.words))".utf8)
    }
  }

  private func mayBeSecret(_ fields: [String], at index: Int, kind: Exchange.Kind) -> Bool {
    let field = fields[index]
    if ZnetWords.isPlaceholder(field) { return false }
    if kind == .send {
      // An acceptance has numbers only; in a line of another form the PIN's place is hidden.
      return !ZnetWords.isNumber(field) && (fields[1] == "2" || index > 2)
    }
    guard index == 2 else { return false }
    // A reason for cancelling stands in the PIN's place, but so may the PIN of an order cancelled late.
    return fields[1] != "3" || ZnetWords.looksLikeCode(field)
  }
}
