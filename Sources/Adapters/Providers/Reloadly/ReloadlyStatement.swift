public import Orders

/// The reports without our `customIdentifier`: every transaction of the account, so also of whoever else uses it.
///
/// What a row means is what it means in answer to a question (`reloadly.tsv`). Pages count from 1; each says how many rows all of
/// them have. Their order is described nowhere.
extension Reloadly: StatementAdapter {
  /// Rows of a page; the default of the documents.
  static let statementRows = 200
  /// So far off UTC were the reports' dates seen to be, and more: rows say their time in UTC themselves.
  private static let dateSlack = Duration.seconds(36 * 3600)

  public func statement(since: Int64, until: Int64, page: String?, account: ProviderAccount) -> WireRequest {
    var builder = builder(account)
    builder.add("page", page ?? "1")
    builder.add("size", "\(Self.statementRows)")
    builder.add("startDate", Self.date(since - Self.dateSlack.milliseconds))
    builder.add("endDate", Self.date(until + Self.dateSlack.milliseconds))
    return builder.request(base: account.baseURL, path: Self.reports(account), authentication: .token())
  }

  /// `2026-11-29 10:00:00`.
  private static func date(_ milliseconds: Int64) -> String {
    let text = Timestamp.rfc3339(milliseconds)
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))"
  }

  public func readStatement(_ reply: WireReply, page: String?) throws(StatementError) -> StatementPage {
    guard reply.status == 200, let json = WireJSON(reply.body) else {
      let found = ReloadlyLine(reply, .query)
      throw StatementError(found.code.isEmpty ? "no report, but HTTP status \(reply.status)" : Self.words(found))
    }
    guard case .list(let rows)? = json["content"] else { throw StatementError("JSON without the rows of a report") }
    let total = try StatementPage.total(json["totalElements"]?.scalar, "totalElements")
    let number = StatementPage.number(page)
    let pages = json["totalPages"]?.scalar.flatMap { Int($0) } ?? Int.max
    return StatementPage(
      lines: rows.map { Self.line($0, reply.decimalMark) }, next: number < pages ? "\(number + 1)" : nil, total: total)
  }

  private static func line(_ row: WireJSON, _ mark: Money.DecimalMark?) -> StatementPage.Line {
    var fields = StatementFields(mark)
    fields.readReference(row["customIdentifier"])
    fields.readID(row["transactionId"])
    fields.readStatus(row["status"])
    // What left the balance. The documents have a row without it, which then says nothing of money.
    fields.readAmount([row["balanceInfo"]?["cost"]], currency: row["balanceInfo"]?["currencyCode"])
    let time = (row["transactionDate"] ?? row["transactionCreatedTime"])?.scalar
    fields.readTime(time.map { "\($0.prefix(10))T\($0.dropFirst(11))Z" })
    fields.readMeaning(contract.row(.query, ReloadlyLine(row: row, mark).line)?.means)
    return fields.line
  }
}
