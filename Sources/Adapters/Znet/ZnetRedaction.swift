public import Orders

extension Znet {
  public func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8] {
    guard kind == .query || kind == .send else { return reply.body }
    let text: ReplyText
    do {
      // Whatever the status: an error may carry the line that it should not have.
      text = try ReplyText(WireReply(status: 200, body: reply.body))
    } catch {
      // An error page holds no PIN; bytes that are no text may.
      return error == .notText ? Array("(\(reply.body.count) bytes that are no text)".utf8) : reply.body
    }
    var fields = text.fields
    switch fields[0] {
    case "OK":
      for index in fields.indices.dropFirst(2) where mayBeSecret(fields, at: index, kind: kind) {
        fields[index] = Redaction.dots
      }
    case "3", "4", "8":
      break
    default:
      // Nobody knows what this is. Its beginning is enough to find out.
      return Array("\(text.text.prefix(4))\(Redaction.dots)".utf8)
    }
    let shown = Array(fields.joined(separator: "|").utf8)
    return pin.map { Redaction.removing($0, from: shown) } ?? shown
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
