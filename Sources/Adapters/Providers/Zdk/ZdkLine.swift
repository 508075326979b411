import Orders

/// A store's JSON made a line that `zdk.tsv` explains, and what of it an outcome needs.
///
/// | asked | answer | line |
/// |---|---|---|
/// | any | `{"status": "ERROR", "code": 100, "msg": "…"}` | `ERROR\|100\|…` |
/// | newOrder | `{"status": "OK", "data": {"order_id", "status", "replay_api": [{"replay": […]}]}}` | `OK\|wait\|ID\|none` |
/// | check | `{"status": "OK", "data": [{"order_id", "status", "replay_api": […]}]}` | `OK\|accept\|code` |
/// | check | the same without a row | `OK\|none` |
/// | profile | `{"balance": "12.5"}`, perhaps in `data` | `12.5` |
///
/// `code`, `text` and `none` say what `replay_api` holds.
struct ZdkLine {
  var line: AnswerLine
  var pin: Pin?
  /// What stands in `replay_api` where it is no code.
  var text = ""
  /// Of an error.
  var message = ""
  var receipt = Receipt()
  /// The store's own name for the order of a row; empty where it has none.
  var rowID = ""

  /// - Parameter uuid: what was asked about; nil to take any row for its answer.
  init(_ reply: WireReply, _ kind: Exchange.Kind, about uuid: String? = nil) {
    let json: WireJSON
    switch JSONReply(reply, isFine: reply.status == 200) {
    case .none(let found):
      line = found
      return
    case .json(let found): json = found
    }
    guard case .object = json else {
      line = reply.status == 200 ? AnswerLine(line: "?") : AnswerLine(.status(reply.status))
      return
    }
    let outer = Self.cell(json["status"])
    if outer == "ERROR" {
      message = Self.message(json)
      let code = Self.cell(json["code"])
      // Some servers of the kind say what is wrong with a request by HTTP too; what a server in trouble writes is not
      // believed to be about the order.
      line =
        reply.status == 200 || (400..<429).contains(reply.status)
        ? AnswerLine(line: "ERROR|\(code)|\(message)") : AnswerLine(.status(reply.status))
      return
    }
    guard reply.status == 200 else {
      line = AnswerLine(.status(reply.status))
      return
    }
    line = AnswerLine(line: "\(outer)|?")
    switch kind {
    case .send: readOrder(json, outer, reply.decimalMark)
    case .query: readRows(json, outer, uuid)
    case .probe:
      let balance = json["balance"]?.scalar ?? json["data"]?["balance"]?.scalar ?? "?"
      line = AnswerLine(line: balance)
    case .catalog: break
    }
  }

  private mutating func readOrder(_ json: WireJSON, _ outer: String, _ mark: Money.DecimalMark?) {
    guard let data = json["data"], case .object = data, let replay = Self.replay(data["replay_api"]) else { return }
    let id = data["order_id"]?.scalar ?? ""
    let isNumber = if case .number? = data["price"] { true } else { false }
    receipt = Receipt(
      cost: data["price"]?.scalar.flatMap { Money(parsing: $0, decimalMark: isNumber ? .point : mark) },
      providerID: id.isEmpty ? nil : id)
    line = AnswerLine(
      line: "\(outer)|\(Self.cell(data["status"]))|\(Self.cell(data["order_id"]))|\(take(replay))")
  }

  private mutating func readRows(_ json: WireJSON, _ outer: String, _ uuid: String?) {
    guard case .list(let rows)? = json["data"] else { return }
    guard let row = rows.first else {
      line = AnswerLine(line: "\(outer)|none")
      return
    }
    // One was asked about. Which of several is the answer is not known, so none is.
    guard rows.count == 1, let replay = Self.replay(row["replay_api"]), Self.isAbout(uuid, row) else { return }
    let id = Receipt(providerID: row["order_id"]?.scalar).providerOrderID ?? ""
    // What has another form may be anything.
    rowID = id.hasPrefix("ID_") ? id : ""
    line = AnswerLine(line: "\(outer)|\(Self.cell(row["status"]))|\(take(replay))")
  }

  /// A value as a field of the line, which it must not end.
  private static func cell(_ json: WireJSON?) -> String {
    // By byte, as the line is split: a bar with an accent behind it is another Character.
    String(decoding: (json?.scalar ?? "").utf8.map { $0 == UInt8(ascii: "|") ? UInt8(ascii: "/") : $0 }, as: UTF8.self)
  }

  /// Whether a row may be about the UUID: stores give their own id, or repeat ours.
  private static func isAbout(_ uuid: String?, _ row: WireJSON) -> Bool {
    guard let uuid else { return true }
    for name in ["order_uuid", "uuid", "order_id"] {
      guard let found = row[name]?.scalar?.lowercased(), name != "order_id" || found.isUUID else { continue }
      if !found.utf8.elementsEqual(uuid.lowercased().utf8) { return false }
    }
    return true
  }

  /// Several codes are one PIN, as they came, with a blank between them.
  private mutating func take(_ replay: [String]) -> String {
    let parts = replay.map(\.withoutBlanks).filter { !$0.isEmpty }
    if parts.isEmpty { return "none" }
    let whole = parts.joined(separator: " ")
    guard parts.allSatisfy({ Pin($0).isPlausible }) else {
      text = whole
      return "text"
    }
    pin = Pin(whole)
    return "code"
  }

  /// Both shapes: an array of texts, or of objects with such an array each. Nil when it is neither.
  private static func replay(_ json: WireJSON?) -> [String]? {
    switch json {
    case nil, .null?: return []
    case .list(let parts)?:
      var texts: [String] = []
      for part in parts {
        switch part {
        case .text(let text), .number(let text): texts.append(text)
        case .object:
          guard let inner = part["replay"], let found = replay(inner) else { return nil }
          texts += found
        default: return nil
        }
      }
      return texts
    default: return nil
    }
  }

  private static func message(_ json: WireJSON) -> String {
    for name in ["msg", "message", "error"] {
      guard let value = json[name] else { continue }
      if let text = value.scalar ?? value["status"]?.scalar { return text.withoutBlanks }
    }
    return ""
  }
}

extension String {
  fileprivate var isUUID: Bool {
    let parts = utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return parts.map(\.count) == [8, 4, 4, 4, 12]
  }
}
