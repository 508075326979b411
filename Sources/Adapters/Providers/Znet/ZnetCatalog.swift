import FoundationEssentials
import Orders

extension Znet {
  /// `{"success": true, "result": [rows], "error": ""}`, or the rows alone.
  public func readCatalog(_ reply: WireReply) throws(CatalogError) -> [CatalogItem] {
    let text: String
    do { text = try ReplyText(reply, isLine: false).text } catch { throw CatalogError(error.words) }
    let data = Data(text.utf8)
    let rows: [Row]
    if text.hasPrefix("[") {
      guard let bare = try? JSONDecoder().decode([Row].self, from: data) else {
        throw CatalogError("a list that is no catalogue")
      }
      rows = bare
    } else {
      guard let envelope = try? JSONDecoder().decode(Envelope.self, from: data) else {
        throw CatalogError("an answer that is no catalogue: \(text.quoted)")
      }
      guard envelope.success?.isTrue ?? true, let result = envelope.result else {
        throw CatalogError("the provider says: \((envelope.error?.text ?? "nothing").quoted)")
      }
      rows = result
    }
    return items(rows, reply.decimalMark)
  }

  private func items(_ rows: [Row], _ mark: Money.DecimalMark?) -> [CatalogItem] {
    let items = rows.map { row in
      let parameters = ["oyun": row.oyun_bilgi_id?.text ?? "", "kupur": row.kupur?.text ?? ""]
      var problems: [String] = []
      for name in ["oyun", "kupur"] where parameters[name] == "" { problems.append("no \(name)") }
      // In a number of JSON only the point is a mark; in a text it is the panel's own.
      let cost = Money(
        parsing: row.fiyat?.text ?? "", decimalMark: row.fiyat?.isNumber == true ? .point : mark)
      if cost == nil { problems.append("no readable price") }
      return CatalogItem(
        id: row.id?.text ?? "", name: row.adi?.text ?? "", details: row.aciklama?.text ?? "",
        game: row.oyun_adi?.text ?? "", cost: cost, parameters: parameters,
        problem: problems.isEmpty ? nil : problems.joined(separator: ", "))
    }
    let counts = Dictionary(items.map { ($0.parameters, 1) }, uniquingKeysWith: +)
    return items.map { item in
      var item = item
      item.isAmbiguous = (counts[item.parameters] ?? 0) > 1
      return item
    }
  }
}

/// The names are the wire's.
private struct Envelope: Decodable {
  var success: Scalar?
  var result: [Row]?
  var error: Scalar?
}

private struct Row: Decodable {
  var id: Scalar?
  var adi: Scalar?
  var aciklama: Scalar?
  var oyun_adi: Scalar?
  var fiyat: Scalar?
  var kupur: Scalar?
  var oyun_bilgi_id: Scalar?
}

/// A value that some installations write as a string and others as a number or a truth value.
private struct Scalar: Decodable {
  let text: String
  var isNumber = false
  var isTrue: Bool { text == "true" || text == "1" }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self.text = text.withoutBlanks
    } else if let truth = try? container.decode(Bool.self) {
      text = truth ? "true" : "false"
    } else if let number = try? container.decode(Int64.self) {
      text = String(number)
      isNumber = true
    } else {
      // Not by way of Double: 7.10 must not become 7.0999.
      text = try container.decode(Decimal.self).description
      isNumber = true
    }
  }
}
