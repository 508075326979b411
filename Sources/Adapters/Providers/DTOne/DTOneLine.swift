import Orders

/// DT One's JSON made a line that `dtone.tsv` explains, and what of it an outcome needs.
///
/// | answer | line |
/// |---|---|
/// | a transaction | `transaction\|COMPLETED\|code` |
/// | a list with one of them | `found\|CREATED\|none` |
/// | a list without any, with several, or with another's | `found\|nothing`, `found\|several`, `found\|another` |
/// | `{"errors": [{"code": 1007001, "message": "…"}]}` with status 400 | `error\|4xx\|1007001\|…` |
/// | a list of balances | `12.5`; of several `balances\|2` |
///
/// The word is the class of the status; `code` and `none` say whether there is a PIN. A class that is not documented, or
/// whose number and name don't belong together, makes the whole line a `?`.
struct DTOneLine {
  var line: AnswerLine
  var pin: Pin?
  /// DT One's own id of the transaction, digits only; empty where there is none.
  var id = ""
  var receipt = Receipt()
  /// The status in full: `DECLINED-INVALID-CREDIT-PARTY`.
  var status = ""
  /// Whether it is a list.
  var isList = false
  /// Of an error.
  var code = ""
  var message = ""

  static let classes = [
    "1": "CREATED", "2": "CONFIRMED", "3": "REJECTED", "4": "CANCELLED", "5": "SUBMITTED", "7": "COMPLETED",
    "8": "REVERSED", "9": "DECLINED",
  ]

  /// - Parameter reference: what was asked about; nil to take any transaction for its answer.
  init(_ reply: WireReply, _ kind: Exchange.Kind, about reference: String? = nil) {
    let isFine = (200...202).contains(reply.status)
    let json: WireJSON
    switch JSONReply(reply, isFine: isFine) {
    case .none(let found):
      line = found
      return
    case .json(let found): json = found
    }
    line = AnswerLine(line: "?")
    guard isFine else {
      readErrors(json, reply.status)
      return
    }
    switch (kind, json) {
    case (.probe, .list(let balances)): readBalances(balances)
    case (.send, .object), (.query, .object):
      guard json["errors"] == nil else { return }
      if kind == .send { read(json, "transaction", reference, reply.decimalMark) }
    case (.send, .list(let rows)), (.query, .list(let rows)): readRows(rows, reference, reply.decimalMark)
    default: break
    }
  }

  /// A row of a list, as a list that has it alone.
  init(row: WireJSON, _ mark: Money.DecimalMark?) {
    line = AnswerLine(line: "?")
    read(row, "found", nil, mark)
  }

  private mutating func readErrors(_ json: WireJSON, _ status: Int) {
    line = AnswerLine(.status(status))
    // Of several errors it is not known which one is why.
    guard case .list(let errors)? = json["errors"], errors.count == 1, let error = errors.first,
      let code = error["code"]?.scalar, code.isRowNumber, case .text(let message)? = error["message"]
    else { return }
    guard (400..<600).contains(status) else { return }
    (self.code, self.message) = (code, message.withoutBlanks)
    line = AnswerLine(line: "error|\(status / 100)xx|\(status)|\(code)|\(message.asField)")
  }

  private mutating func readRows(_ rows: [WireJSON], _ reference: String?, _ mark: Money.DecimalMark?) {
    isList = true
    line = AnswerLine(line: "found|\(rows.isEmpty ? "nothing" : "several")")
    guard let row = rows.first else { return }
    // The list is asked for by our name: a row of another name shows that it is the answer to another question.
    guard rows.allSatisfy({ Self.isAbout(reference, $0) }) else {
      line = AnswerLine(line: "found|another")
      return
    }
    if rows.count == 1 { read(row, "found", reference, mark) }
  }

  private mutating func read(_ row: WireJSON, _ what: String, _ reference: String?, _ mark: Money.DecimalMark?) {
    guard Self.isAbout(reference, row) else {
      line = AnswerLine(line: "\(what)|another")
      return
    }
    let number = row["id"]?.scalar ?? ""
    guard number.isRowNumber else { return }
    id = number
    status = row["status"]?["message"]?.scalar ?? ""
    receipt = Receipt(cost: Self.cost(row["prices"]?["wholesale"], mark), providerID: id)
    let name = row["status"]?["class"]?["message"]?.scalar ?? ""
    let isKnown = Self.classes[row["status"]?["class"]?["id"]?.scalar ?? ""].map { $0.isExactly(name) } ?? false
    guard let hasPin = readPin(row["pin"]) else { return }
    if isKnown { line = AnswerLine(line: "\(what)|\(name)|\(hasPin ? "code" : "none")") }
  }

  /// - Returns: nil when what stands there is no PIN that could be read.
  private mutating func readPin(_ json: WireJSON?) -> Bool? {
    switch json {
    case nil, .null?: return false
    case .object?:
      guard let code = json?["code"] else { return false }
      if case .null = code { return false }
      guard let text = code.scalar else { return nil }
      let serial = json?["serial"]?.scalar?.withoutBlanks ?? ""
      let whole = [text.withoutBlanks, serial].filter { !$0.isEmpty }
      guard let first = whole.first, !text.withoutBlanks.isEmpty else { return false }
      pin = Pin(whole.count == 1 ? first : whole.joined(separator: " "))
      return true
    default: return nil
    }
  }

  /// A transaction without our name may be anybody's.
  private static func isAbout(_ reference: String?, _ row: WireJSON) -> Bool {
    guard case .text(let found)? = row["external_id"] else { return false }
    return reference.map { found.isExactly($0) } ?? true
  }

  /// What the account pays: price and fee.
  private static func cost(_ price: WireJSON?, _ mark: Money.DecimalMark?) -> Money? {
    guard let amount = price?["amount"] else { return nil }
    func money(_ json: WireJSON) -> Money? {
      let isNumber = if case .number = json { true } else { false }
      return json.scalar.flatMap { Money(parsing: $0, decimalMark: isNumber ? .point : mark) }
    }
    switch price?["fee"] {
    case nil, .null?: return money(amount)
    case let fee?: return money(fee).flatMap { fee in money(amount).map { $0 + fee } }
    }
  }

  private mutating func readBalances(_ rows: [WireJSON]) {
    guard !rows.isEmpty, rows.allSatisfy({ $0["available"]?.scalar != nil }) else { return }
    line = AnswerLine(line: rows.count == 1 ? rows[0]["available"]?.scalar ?? "?" : "balances|\(rows.count)")
  }
}
