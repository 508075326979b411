import Orders

/// Reloadly's JSON made a line that `reloadly.tsv` explains, and what of it an outcome needs.
///
/// | answer | line |
/// |---|---|
/// | `{"transactionId": 77}` to a send | `taken\|77` |
/// | a transaction of a top-up; of a gift card | `topup\|SUCCESSFUL\|code`, `order\|SUCCESSFUL\|none` |
/// | a report with one of them | the same |
/// | a report without any, with several, or with another's | `report\|nothing`, `report\|several`, `report\|another` |
/// | a list of cards | `cards\|code`, `cards\|none` |
/// | `{"errorCode": "…", "message": "…"}` with status 400 | `error\|4xx\|400\|CODE\|…` |
/// | a balance | `12.5` |
struct ReloadlyLine {
  var line: AnswerLine
  var pin: Pin?
  /// Reloadly's own id of the transaction, digits only; empty where there is none.
  var id = ""
  var receipt = Receipt()
  var status = ""
  /// Of an error.
  var code = ""
  var message = ""
  /// Whether it is a list of cards.
  var isCards = false

  /// - Parameter reference: what was asked about; nil to take any transaction for its answer.
  init(_ reply: WireReply, _ kind: Exchange.Kind, about reference: String? = nil) {
    let json: WireJSON
    switch JSONReply(reply, isFine: reply.status == 200) {
    case .none(let found):
      line = found
      return
    case .json(let found): json = found
    }
    line = AnswerLine(line: "?")
    guard reply.status == 200 else {
      readError(json, reply.status)
      return
    }
    switch (kind, json) {
    case (.send, .object): readTransaction(json, reference, reply.decimalMark)
    case (.query, .object): readReport(json, reference, reply.decimalMark)
    case (.query, .list(let cards)): readCards(cards)
    case (.probe, .object):
      if json["errorCode"] == nil, let balance = json["balance"]?.scalar { line = AnswerLine(line: balance.asField) }
    default: break
    }
  }

  /// A row of a report, as a report that has it alone.
  init(row: WireJSON, _ mark: Money.DecimalMark?) {
    line = AnswerLine(line: "?")
    read(row, mark)
  }

  /// Only what has Reloadly's form is Reloadly's: a gateway before it has errors of its own.
  private mutating func readError(_ json: WireJSON, _ status: Int) {
    line = AnswerLine(.status(status))
    guard (400..<600).contains(status), case .text(let code)? = json["errorCode"],
      case .text(let message)? = json["message"],
      !code.withoutBlanks.isEmpty
    else { return }
    (self.code, self.message) = (code, message.withoutBlanks)
    line = AnswerLine(line: "error|\(status / 100)xx|\(status)|\(code.asField)|\(message.asField)")
  }

  private mutating func readTransaction(_ json: WireJSON, _ reference: String?, _ mark: Money.DecimalMark?) {
    guard json["errorCode"] == nil, let number = json["transactionId"]?.scalar, number.isRowNumber else { return }
    guard json["status"] != nil else {
      // To /topups-async. It has nothing else, but what it has must be ours.
      guard json["customIdentifier"] == nil || Self.isAbout(reference, json) else { return }
      (id, receipt) = (number, Receipt(providerID: number))
      line = AnswerLine(line: "taken|\(number)")
      return
    }
    guard Self.isAbout(reference, json) else { return }
    read(json, mark)
  }

  private mutating func readReport(_ json: WireJSON, _ reference: String?, _ mark: Money.DecimalMark?) {
    guard case .list(let rows)? = json["content"] else { return }
    // What does not fit a page, nobody has seen.
    if let total = json["totalElements"]?.scalar, total != "\(rows.count)" {
      line = AnswerLine(line: "report|cut")
      return
    }
    let ours = rows.filter { Self.isAbout(reference, $0) }
    // The filter is the same in small letters and capitals; anything else in the list shows that it was not applied.
    guard rows.allSatisfy({ Self.isAbout(reference, $0, anyCase: true) }) else {
      line = AnswerLine(line: "report|another")
      return
    }
    switch ours.count {
    case 0: line = AnswerLine(line: "report|nothing")
    case 1: read(ours[0], mark)
    default: line = AnswerLine(line: "report|several")
    }
  }

  private mutating func read(_ row: WireJSON, _ mark: Money.DecimalMark?) {
    guard let number = row["transactionId"]?.scalar, number.isRowNumber else { return }
    let isGiftCard = if case .object? = row["product"] { true } else { false }
    // One of them, and surely.
    guard isGiftCard != (row["operatorId"]?.scalar != nil), let hasPin = readPin(row["pinDetail"]) else { return }
    id = number
    status = row["status"]?.field ?? ""
    let cost = row["balanceInfo"]?["cost"]
    let isNumber = if case .number? = cost { true } else { false }
    receipt = Receipt(
      cost: cost?.scalar.flatMap { Money(parsing: $0, decimalMark: isNumber ? .point : mark) }, providerID: id)
    line = AnswerLine(line: "\(isGiftCard ? "order" : "topup")|\(status)|\(hasPin ? "code" : "none")")
  }

  /// - Returns: nil when what stands there is no PIN that could be read.
  private mutating func readPin(_ json: WireJSON?) -> Bool? {
    switch json {
    case nil, .null?: return false
    case .object?:
      switch json?["code"] {
      case nil, .null?: return false
      case let code?:
        guard let text = code.scalar else { return nil }
        // A serial number alone buys nothing.
        return text.withoutBlanks.isEmpty ? false : take(code, json?["serial"])
      }
    default: return nil
    }
  }

  /// One card, since one is ordered: of several it is not known whether all are ours.
  private mutating func readCards(_ cards: [WireJSON]) {
    isCards = true
    line = AnswerLine(line: "cards|\(cards.isEmpty ? "none" : "several")")
    guard cards.count == 1, case .object = cards[0] else { return }
    switch take(cards[0]["cardNumber"], cards[0]["pinCode"]) {
    case true?: line = AnswerLine(line: "cards|code")
    case false?: line = AnswerLine(line: "cards|none")
    case nil: line = AnswerLine(line: "?")
    }
  }

  /// A code, and behind a blank what belongs to it.
  ///
  /// - Returns: false where there is none; nil where what stands there is no text.
  private mutating func take(_ code: WireJSON?, _ more: WireJSON?) -> Bool? {
    var parts: [String] = []
    for value in [code, more] {
      switch value {
      case nil, .null?: continue
      case .text(let text)?, .number(let text)?:
        if !text.withoutBlanks.isEmpty { parts.append(text.withoutBlanks) }
      default: return nil
      }
    }
    guard !parts.isEmpty else { return false }
    pin = Pin(parts.joined(separator: " "))
    return true
  }

  /// A transaction without our name may be anybody's.
  private static func isAbout(_ reference: String?, _ row: WireJSON, anyCase: Bool = false) -> Bool {
    guard case .text(let found)? = row["customIdentifier"] else { return false }
    guard let reference else { return true }
    return anyCase ? found.folded == reference.folded : found.isExactly(reference)
  }
}
