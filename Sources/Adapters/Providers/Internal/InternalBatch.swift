public import Orders

/// `check` takes a list of orders, at most ``ProviderFacts/queryBatch``. Whether a row repeats our `order_uuid`, no document says, and
/// where an order was passed on something else may stand there: a row counts only where it does, as in a question about one.
extension Internal: BatchQueryingAdapter {
  public func query(references: [String], account: ProviderAccount) -> WireRequest { check(references, account) }

  public func parts(of reply: WireReply, about references: [String]) -> [WireReply?] {
    // Two orders of one order_uuid end the question with 500, whoever else was asked about.
    guard reply.status != 500 else { return references.map { _ in nil } }
    guard reply.status == 200, case .list(let rows)? = WireJSON(reply.body) else {
      return references.map { _ in reply }
    }
    return references.map { reference in
      let uuid = Zdk.uuid(of: reference)
      let found = rows.filter { InternalLine.names(uuid, $0) }
      guard !found.isEmpty else { return nil }
      // Two of one order are for the reader to refuse.
      let body = "[\(found.map(\.written).joined(separator: ","))]"
      return WireReply(
        status: reply.status, contentType: reply.contentType, body: Array(body.utf8), decimalMark: reply.decimalMark)
    }
  }
}
