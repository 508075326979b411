import Orders

/// The seller's XML made a line that `turkpin.tsv` explains, and what of it an outcome needs.
///
/// | asked | answer, below `APIResponse/params` | line |
/// |---|---|---|
/// | any | `error` or `HATA_NO` that is not 000 | `ERROR\|014\|text` |
/// | epinSiparisYarat | `siparisNo`, `siparisSonuc`, `epin_list` | `OK\|NUMBER\|Pending\|none` |
/// | siparisDurumu | `DURUM_KODU`, `SIPARIS_DURUMU`, its words, `epin_list` | `OK\|2\|code\|Siparişiniz Tamamlandı` |
/// | balance | `balanceInformation/balance` | `OK\|12.50` |
///
/// `code`, `text`, `several` and `none` say what `epin_list` holds. An element that stands twice where one is due makes no line.
struct TurkpinLine {
  var line: AnswerLine
  var pin: Pin?
  /// What the seller says in words.
  var message = ""
  var receipt = Receipt()

  /// Only these very three digits are success.
  private static let success = "000"

  /// - Parameter number: the seller's number that was asked about; nil to take any answer for its.
  init(_ reply: WireReply, _ kind: Exchange.Kind, about number: String? = nil) {
    guard reply.status == 200 else {
      line = AnswerLine(.status(reply.status))
      return
    }
    guard !String(decoding: reply.body, as: UTF8.self).withoutBlanks.isEmpty else {
      line = AnswerLine(.empty)
      return
    }
    guard !Self.isPage(reply.body) else {
      line = AnswerLine(.html)
      return
    }
    line = AnswerLine(problem: "(no XML)", words: "an answer that is no XML document, or one that reads in two ways")
    guard let root = WireXML(reply.body), root.name.utf8.elementsEqual("APIResponse".utf8), root.children.count == 1,
      let params = root["params"], !params.hasTwins
    else { return }
    let codes = ["error", "HATA_NO"].compactMap { params[$0] }
    // A question about an order has a code of its own.
    let state = kind == .query ? params["DURUM_KODU"] : nil
    let found = (codes + [state].compactMap { $0 }).map { $0.text.withoutBlanks }
    message =
      ["error_desc", "HATA_ACIKLAMA", "DURUM_ACIKLAMA", "SIPARIS_DURUMU_ACIKLAMA"]
      .compactMap { params[$0]?.text.withoutBlanks }.first { !$0.isEmpty } ?? ""
    guard !found.isEmpty, codes.count < 2 else { return }
    if let code = found.first(where: { !$0.utf8.elementsEqual(Self.success.utf8) }) {
      line = AnswerLine(line: "ERROR|\(Self.padded(code))|\(Self.cell(message))")
      return
    }
    // An order's state without its code, or the other way round, is another question's answer.
    switch kind {
    case .send: readOrder(params, reply.decimalMark)
    case .query where state != nil: readState(params, number)
    case .probe:
      guard let balance = params["balanceInformation"], !balance.hasTwins, let amount = balance["balance"] else {
        return
      }
      line = AnswerLine(line: "OK|\(Self.cell(amount.text))")
    case .query, .catalog: break
    }
  }

  private mutating func readOrder(_ params: WireXML, _ mark: Money.DecimalMark?) {
    guard let holds = take(params["epin_list"]) else { return }
    let number = params["siparisNo"]?.text.withoutBlanks ?? ""
    receipt = Receipt(
      cost: params["siparisTutari"].flatMap { Money(parsing: $0.text.withoutBlanks, decimalMark: mark) }?.magnitude,
      providerID: number.isEmpty ? nil : number)
    line = AnswerLine(line: "OK|\(Self.cell(number))|\(Self.cell(params["siparisSonuc"]?.text ?? ""))|\(holds)")
  }

  private mutating func readState(_ params: WireXML, _ number: String?) {
    guard let own = params["SIPARIS_NO"]?.text.withoutBlanks, number.map({ own.utf8.elementsEqual($0.utf8) }) ?? true,
      let holds = take(params["epin_list"])
    else { return }
    message = ["SIPARIS_DURUMU_ACIKLAMA", "EKSTRA", "EXTRA"].compactMap { params[$0]?.text.withoutBlanks }
      .filter { !$0.isEmpty }.joined(separator: ": ")
    line = AnswerLine(
      line: "OK|\(Self.cell(params["SIPARIS_DURUMU"]?.text ?? ""))|\(holds)"
        + "|\(Self.cell(params["SIPARIS_DURUMU_ACIKLAMA"]?.text ?? ""))")
  }

  /// What the list of codes holds; nil when it is none. One unit is bought, so two codes are not one PIN: whose the other is
  /// nobody knows.
  private mutating func take(_ list: WireXML?) -> String? {
    guard let list else { return "none" }
    guard list.text.withoutBlanks.isEmpty, list.children.allSatisfy({ $0.name == "epin" && !$0.hasTwins }) else {
      return nil
    }
    let codes = list.children.map { $0["code"]?.text.withoutBlanks ?? "" }
    guard codes.count < 2 else { return "several" }
    guard let code = codes.first, !code.isEmpty else { return "none" }
    guard Pin(code).isPlausible else { return "text" }
    pin = Pin(code)
    return "code"
  }

  /// A value as a field of the line, which it must not end.
  private static func cell(_ text: String) -> String {
    String(
      decoding: text.withoutBlanks.utf8.map { $0 == UInt8(ascii: "|") ? UInt8(ascii: "/") : $0 }, as: UTF8.self)
  }

  /// `14` and `014` are one error; success has one spelling.
  private static func padded(_ code: String) -> String {
    guard (1...2).contains(code.utf8.count), code.utf8.allSatisfy(\.isASCIIDigit),
      code.utf8.contains(where: { $0 != 0x30 })
    else { return cell(code) }
    return String(repeating: "0", count: 3 - code.utf8.count) + code
  }

  private static func isPage(_ body: [UInt8]) -> Bool {
    let begin = String(decoding: body.prefix(64), as: UTF8.self).folded.withoutBlanks
    return begin.hasPrefix("<!doctype html") || begin.hasPrefix("<html") || begin.hasPrefix("\u{FEFF}<html")
      || begin.hasPrefix("\u{FEFF}<!doctype html")
  }
}
