import Orders

/// What a line of a provider's list has in its fields, read so that what can't be read is seen to be so.
struct StatementFields {
  /// Of a reference, a status or an id: more is nobody's.
  static let textBytesMax = 200

  var line = StatementPage.Line(reference: nil)
  private let mark: Money.DecimalMark?

  init(_ mark: Money.DecimalMark?) { self.mark = mark }

  /// Nothing there is nothing said; anything that is no text of ours or the provider's damages the line.
  private mutating func text(_ json: WireJSON?) -> String? {
    switch json {
    case nil, .null?: return nil
    case .text(let text)?, .number(let text)?:
      guard text.utf8.count <= Self.textBytesMax,
        !text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
      else { break }
      return text.isEmpty ? nil : text
    default: break
    }
    line.isDamaged = true
    return nil
  }

  mutating func readReference(_ json: WireJSON?) {
    // A number may be another reference written shorter.
    if case .number? = json { line.isDamaged = true } else { line.reference = text(json) }
  }

  mutating func readID(_ json: WireJSON?) {
    let id = text(json) ?? ""
    if id.isRowNumber { line.providerID = id } else { line.isDamaged = true }
  }

  mutating func readStatus(_ json: WireJSON?) {
    line.status = text(json)
    if line.status == nil { line.isDamaged = true }
  }

  /// - Parameter time: with the offset that it is in: `2026-11-29T10:00:00Z`.
  mutating func readTime(_ time: String?) {
    line.at = time.flatMap { Timestamp.milliseconds($0) }
    if line.at == nil { line.isDamaged = true }
  }

  /// Amounts that are one together; nothing where the first is not there.
  mutating func readAmount(_ parts: [WireJSON?], currency: WireJSON?) {
    line.currency = text(currency)
    var sum: Money?
    for (index, part) in parts.enumerated() {
      switch part {
      case nil, .null?:
        if index == 0 { return }
      case .number(let text)?, .text(let text)?:
        let isNumber = if case .number? = part { true } else { false }
        guard let money = Money(parsing: text, decimalMark: isNumber ? .point : mark) else {
          line.isDamaged = true
          return
        }
        sum = (sum ?? Money(tenThousandths: 0)) + money
      default:
        line.isDamaged = true
        return
      }
    }
    line.amount = sum
  }

  /// By what the provider's contract says that such a row means in answer to a question.
  mutating func readMeaning(_ means: AnswerMeaning?) {
    switch means {
    case .completed, .completedWithoutPin, .step: line.meaning = .delivered
    case .cancelled: line.meaning = .cancelled
    case .waiting: line.meaning = .waiting
    case .notFound: line.isBooked = false
    default: break
    }
  }
}

extension StatementPage {
  /// The number of a page that is named by its number, from 1.
  static func number(_ page: String?) -> Int { page.flatMap { Int($0) } ?? 1 }

  /// A count that has to be there.
  static func total(_ text: String?, _ name: String) throws(StatementError) -> Int {
    guard let text, text.isRowNumber, let total = Int(text) else {
      throw StatementError("the list does not say how many lines it has (\(name))")
    }
    return total
  }
}
