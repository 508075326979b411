public import Orders

/// The list of transactions without our `external_id`: every one of the account, so also of whoever else uses it.
///
/// What a row means is what it means in answer to a question (`dtone.tsv`). The pages count from 1, and how many rows and pages there
/// are stands in the head (`X-Total`, `X-Total-Pages`, `X-Page`: DT One's own client).
extension DTOne: StatementAdapter {
  /// Rows of a page, at most as many as the documents allow.
  static let statementRows = 100

  public func statement(since: Int64, until: Int64, page: String?, account: ProviderAccount) -> WireRequest {
    var builder = RequestBuilder()
    // Of the creation. Whole seconds, outwards.
    builder.add("from_date", Self.date(since))
    builder.add("to_date", Self.date(until + 1000))
    builder.add("page", page ?? "1")
    builder.add("per_page", "\(Self.statementRows)")
    return builder.request(base: account.baseURL, path: "/v1/transactions", authentication: Self.login(account))
  }

  private static func date(_ milliseconds: Int64) -> String { Timestamp.rfc3339(milliseconds).prefix(19) + "Z" }

  public func readStatement(_ reply: WireReply, page: String?) throws(StatementError) -> StatementPage {
    guard reply.status == 200, let json = WireJSON(reply.body) else {
      let found = DTOneLine(reply, .query)
      throw StatementError(found.code.isEmpty ? "no list, but HTTP status \(reply.status)" : Self.words(found))
    }
    guard case .list(let rows) = json else { throw StatementError("JSON that is no list") }
    let total = try StatementPage.total(reply.header("X-Total"), "X-Total")
    let number = StatementPage.number(page)
    if let said = reply.header("X-Page"), said != "\(number)" {
      throw StatementError("page \(number) was asked for, and the answer is page \(said.prefix(20))")
    }
    let pages = reply.header("X-Total-Pages").flatMap { Int($0) } ?? Int.max
    return StatementPage(
      lines: rows.map { Self.line($0, reply.decimalMark) }, next: number < pages ? "\(number + 1)" : nil, total: total)
  }

  private static func line(_ row: WireJSON, _ mark: Money.DecimalMark?) -> StatementPage.Line {
    var fields = StatementFields(mark)
    fields.readReference(row["external_id"])
    fields.readID(row["id"])
    fields.readStatus(row["status"]?["message"])
    let price = row["prices"]?["wholesale"]
    fields.readAmount([price?["amount"], price?["fee"]], currency: price?["unit"])
    fields.readTime(row["creation_date"]?.scalar)
    // Created and never confirmed is not executed: nothing is booked by it.
    fields.readMeaning(contract.row(.query, DTOneLine(row: row, mark).line)?.means)
    return fields.line
  }
}
