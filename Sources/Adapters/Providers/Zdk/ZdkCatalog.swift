import Orders

extension Zdk {
  /// A bare array of products.
  public func readCatalog(_ reply: WireReply) throws(CatalogError) -> [CatalogItem] {
    let text: String
    do { text = try ReplyText(reply, isLine: false).text } catch { throw CatalogError(error.words) }
    guard let json = WireJSON(reply.body) else { throw CatalogError("an answer that is no catalogue: \(text.quoted)") }
    guard case .list(let rows) = json else {
      let found = ZdkLine(reply, .catalog)
      throw CatalogError(
        found.message.isEmpty ? "an answer that is no catalogue" : "the provider says: \(found.message.quoted)")
    }
    let items = rows.map { Self.item($0, reply.decimalMark) }
    let counts = Dictionary(items.map { ($0.id, 1) }, uniquingKeysWith: +)
    return items.map { item in
      var item = item
      item.isAmbiguous = (counts[item.id] ?? 0) > 1
      return item
    }
  }

  private static func item(_ row: WireJSON, _ mark: Money.DecimalMark?) -> CatalogItem {
    let id = row["id"]?.scalar ?? ""
    var problems: [String] = []
    if id.isEmpty || !id.utf8.allSatisfy(\.isASCIIDigit) { problems.append("no id") }
    if case .bool(false)? = row["available"] { problems.append("not available") }
    let isNumber = if case .number? = row["price"] { true } else { false }
    let cost = Money(parsing: row["price"]?.scalar ?? "", decimalMark: isNumber ? .point : mark)
    if cost == nil { problems.append("no readable price") }
    var labels: [String] = []
    if case .list(let values)? = row["params"] { labels = values.compactMap(\.scalar) }
    return CatalogItem(
      id: id, name: row["name"]?.scalar ?? "",
      details: labels.isEmpty ? "" : "asks for \(labels.joined(separator: ", "))",
      game: row["category_name"]?.scalar ?? "", cost: cost, parameters: ["product": id],
      problem: problems.isEmpty ? nil : problems.joined(separator: ", "))
  }
}
