public import Orders

/// `check` takes a list of orders. How long it may be, no document says.
extension Zdk: BatchQueryingAdapter {
  static let batchMax = 20

  public func query(references: [String], account: ProviderAccount) -> WireRequest {
    check(references, account)
  }

  public func parts(of reply: WireReply, about references: [String]) -> [WireReply?] {
    guard reply.status == 200, let json = WireJSON(reply.body), json["status"]?.scalar == "OK",
      case .list(let rows)? = json["data"]
    else { return references.map { _ in reply } }
    return references.map { reference in
      let uuid = Self.uuid(of: reference)
      let found = rows.filter { row in
        ["order_uuid", "uuid", "order_id"].contains { name in
          row[name]?.scalar.map { $0.lowercased().utf8.elementsEqual(uuid.utf8) } ?? false
        }
      }
      guard !found.isEmpty else { return nil }
      // Two of one order are for the reader to refuse.
      let body = #"{"status":"OK","data":[\#(found.map(\.written).joined(separator: ","))]}"#
      return WireReply(
        status: reply.status, contentType: reply.contentType, body: Array(body.utf8), decimalMark: reply.decimalMark)
    }
  }
}
