import Orders

/// What top-ups and bills of a znet panel have in common: nothing is delivered but the top-up itself, and a question is
/// answered with a digit and a text, behind a colon or a bar.
enum ZnetLines {
  /// What an answer to a question proves, by what its row means.
  static func outcome(_ line: AnswerLine, _ means: AnswerMeaning?, _ account: ProviderAccount) -> QueryOutcome {
    let text = text(of: line)
    let words = line.problem.isEmpty ? (text.isEmpty ? "no text" : text.shown) : line.problemWords
    switch means {
    case .waiting: return .waiting(words)
    case .completedWithoutPin: return .completed(nil, note: text.withoutCodes)
    case .cancelled: return .cancelled(words)
    case .notFound: return account.trustNotFoundAfter == nil ? .queryFailed(words) : .notFound(words)
    case .questionFailed: return .queryFailed(words)
    default: return .unintelligible(unexplained(line))
    }
  }

  /// What an answer to a send proves, by what its row means.
  static func sendOutcome(
    _ line: AnswerLine, _ means: AnswerMeaning?, _ words: String, _ receipt: Receipt
  ) -> SendOutcome {
    SendReading(who: "the panel", line: line, words: words, unexplained: unexplained(line), receipt: receipt)
      .outcome(means)
  }

  static func unexplained(_ line: AnswerLine) -> String {
    line.problem.isEmpty
      ? "an answer that is not documented, beginning with \(line.text.prefix(4).quoted)" : line.problemWords
  }

  /// Whether a reply speaks of the dealer's money.
  static func mentionsBalance(_ reply: WireReply) -> Bool { Znet.mentionsBalance(AnswerLine(reply).text) }

  /// There is no PIN; what may be a customer's number is hidden all the same.
  static func redact(_ reply: WireReply) -> [UInt8] {
    do {
      let text = try ReplyText(WireReply(status: 200, body: reply.body)).text
      // The separators stay, and amounts.
      var shown = ""
      var field = ""
      func flush() { shown += ZnetWords.isNumber(field) && field.utf8.count < 10 ? field : field.withoutCodes }
      for character in text {
        if character == "|" || character == ":" {
          flush()
          shown.append(character)
          field = ""
        } else {
          field.append(character)
        }
      }
      flush()
      return Array(shown.utf8)
    } catch {
      return Znet.unread(reply.body, error)
    }
  }

  /// An amount of a line. The last field may have been cut in the middle of its digits (`97.00` to `9`), so there it counts
  /// only with its hundredths.
  static func amount(_ index: Int, of fields: [String], _ mark: Money.DecimalMark?) -> Money? {
    let text = fields[index].withoutBlanks
    if index == fields.count - 1 {
      let marks = mark == .comma ? "," : mark == .point ? "." : ".,"
      guard let place = text.utf8.lastIndex(where: { marks.utf8.contains($0) }), text.utf8[place...].count > 2 else {
        return nil
      }
    }
    return Money(parsing: text, decimalMark: mark)
  }

  /// What follows the digit.
  private static func text(of line: AnswerLine) -> String {
    guard let mark = line.text.utf8.first(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "|") }) else {
      return ""
    }
    return line.fields(mark).dropFirst().joined(separator: String(Unicode.Scalar(mark))).withoutBlanks
  }
}

extension String {
  /// With `+` and `%C5%9F` read as a URL has them; as it is where that makes no text.
  var withoutPercents: String {
    guard utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else { return self }
    var result: [UInt8] = []
    var rest = Array(utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(2)
      if byte == UInt8(ascii: "%"), digits.count == 2,
        digits.allSatisfy({ $0.isASCIIDigit || (0x41...0x46).contains($0 & 0xDF) }),
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
      {
        result.append(value)
        rest.removeFirst(2)
      } else {
        result.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    guard !result.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return self }
    return String(validating: result, as: UTF8.self) ?? Windows1254.decode(result[...]) ?? self
  }
}
