import EventLoop
import HTTPServer
import Orders

/// What the panel would put on its statement: a line for each debit that was not given back, one for each order that was.
extension PanelServer {
  /// `GET /_statement?from=2026-11-01T00:00:00Z&to=…&dealer=…`, each optional: CSV.
  func statement(_ request: HTTPRequest) -> HTTPResponse {
    panel.advance(to: now)
    var bounds: [Int64?] = []
    for name in ["from", "to"] {
      let text = request.query[name]
      bounds.append(text.flatMap { Timestamp.milliseconds($0) ?? Timestamp.milliseconds(ofDay: $0) })
      if text != nil, bounds.last == .some(nil) {
        return HTTPResponse(status: 400, headers: Self.plain, body: Array("\(name) must be a day or a moment\n".utf8))
      }
    }
    let started = unixStart
    var body = "reference,amount,status,at,id\n"
    for (index, order) in panel.orders.enumerated() {
      let at = started + order.receivedMilliseconds
      guard at >= bounds[0] ?? .min, at < bounds[1] ?? .max else { continue }
      if let dealer = request.query["dealer"], dealer != order.dealer { continue }
      let status = order.state == .completed ? "delivered" : order.state.rawValue
      let amount = order.state == .cancelled ? Money(tenThousandths: 0) : order.price
      for _ in 0..<max(1, order.debits - order.credits) {
        body += "\(order.reference),\(amount),\(status),\(Timestamp.rfc3339(at)),\(index + 1)\n"
      }
    }
    return HTTPResponse(status: 200, headers: [("Content-Type", "text/csv; charset=UTF-8")], body: Array(body.utf8))
  }
}
