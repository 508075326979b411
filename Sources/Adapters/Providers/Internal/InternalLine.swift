import Orders

/// The shop's JSON made a line that `internal.tsv` explains, and what of it an outcome needs.
///
/// | asked | answer | line |
/// |---|---|---|
/// | any | `{"error": "NOT_FOUND"}` with a status of HTTP | `ERROR\|404\|NOT_FOUND` |
/// | newOrder | 201 `{"orderId", "status"}` | `CREATED\|pending\|ID` |
/// | check | 200 `[{"orderId", "status", "externalStatus", "pin"}]` | `approved\|completed\|code` |
/// | check | 200 `[]` | `none` |
/// | check | 500 | `(two?)` |
/// | profile | `{"balance": "12.5"}` | `12.5` |
struct InternalLine {
  var line: AnswerLine
  var pin: Pin?
  var note = ""
  var message = ""
  var receipt = Receipt()
  /// The shop's own name for the order.
  var rowID = ""

  /// What a question is answered with where two orders have one `order_uuid`; it may also be any other trouble.
  static let twoOrders =
    "HTTP status 500, which the shop also answers where it has two orders of this reference: look at its list for both"

  /// - Parameter uuid: what was asked about; nil to take any row for its answer.
  init(_ reply: WireReply, _ kind: Exchange.Kind, about uuid: String? = nil) {
    guard kind != .query || reply.status != 500 else {
      line = AnswerLine(problem: "(two?)", words: Self.twoOrders)
      return
    }
    let json: WireJSON
    switch JSONReply(reply, isFine: [200, 201].contains(reply.status)) {
    case .none(let found):
      line = found
      return
    case .json(let found): json = found
    }
    if case .object = json, let error = json["error"]?.scalar ?? (reply.status >= 400 ? json["code"]?.scalar : nil) {
      message = json["message"]?.scalar?.withoutBlanks ?? json["detail"]?.scalar?.withoutBlanks ?? ""
      line = AnswerLine(line: "ERROR|\(reply.status)|\(Self.cell(error))")
      return
    }
    line = AnswerLine(line: "?|\(reply.status)")
    switch kind {
    case .send where reply.status == 201: readOrder(json, reply.decimalMark)
    case .query where reply.status == 200: readRows(json, uuid)
    case .probe where reply.status == 200:
      let balance = json["balance"]?.scalar ?? json["data"]?["balance"]?.scalar ?? "?"
      line = AnswerLine(line: Self.cell(balance))
    default:
      if ![200, 201].contains(reply.status) { line = AnswerLine(.status(reply.status)) }
    }
  }

  private mutating func readOrder(_ json: WireJSON, _ mark: Money.DecimalMark?) {
    guard case .object = json else { return }
    let id = json["orderId"]?.scalar ?? ""
    let price = json["totalPriceUSD"]
    let isNumber = if case .number? = price { true } else { false }
    receipt = Receipt(
      cost: price?.scalar.flatMap { Money(parsing: $0, decimalMark: isNumber ? .point : mark) },
      providerID: id.isEmpty ? nil : id)
    line = AnswerLine(line: "CREATED|\(Self.cell(json["status"]?.scalar))|\(Self.cell(id))")
  }

  private mutating func readRows(_ json: WireJSON, _ uuid: String?) {
    guard case .list(let rows) = json else { return }
    guard let row = rows.first else {
      line = AnswerLine(line: "none")
      return
    }
    // One was asked about. Which of several is the answer is not known; and what does not name our reference may be another's.
    guard rows.count == 1, case .object = row else { return }
    if let uuid, !Self.names(uuid, row) { return }
    rowID = Receipt(providerID: row["orderId"]?.scalar).providerOrderID ?? ""
    note = row["note"]?.scalar?.withoutBlanks ?? ""
    let code = row["pin"]?.scalar?.withoutBlanks ?? ""
    var holds = "none"
    if !ZnetWords.isPlaceholder(code) { holds = Pin(code).isPlausible ? "code" : "text" }
    if holds == "code" { pin = Pin(code) }
    line = AnswerLine(
      line: "\(Self.cell(row["status"]?.scalar))|\(Self.cell(row["externalStatus"]?.scalar))|\(holds)")
  }

  /// Whether a row says that it is of our `order_uuid`.
  static func names(_ uuid: String, _ row: WireJSON) -> Bool {
    guard let own = row["externalOrderId"]?.scalar else { return false }
    return own.lowercased().utf8.elementsEqual(uuid.lowercased().utf8)
  }

  /// A value as a field of the line, which it must not end.
  private static func cell(_ text: String?) -> String {
    String(decoding: (text ?? "").utf8.map { $0 == UInt8(ascii: "|") ? UInt8(ascii: "/") : $0 }, as: UTF8.self)
  }
}
