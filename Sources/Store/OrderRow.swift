internal import Orders
internal import Postgres

/// Reads what `order_columns.sql` lists.
enum OrderRow {
  /// The first column behind those of the order.
  static let nextColumn = 31

  static func decode(_ row: PostgresRow) throws -> Order {
    guard let id = OrderID(try row.text(0)), let status = Status(rawValue: try row.text(2)),
      let priority = Priority(rawValue: try row.text(7))
    else {
      throw StoreError.invalid("order \(try row.text(0)) has a status or priority that this version doesn't know")
    }
    var order = try Order(
      id: id, version: Int(row.int(1)), status: status, tenantID: row.int(3), product: row.text(4),
      fields: decodeMap(row.text(5)), shopReference: row.textOrNil(6), priority: priority,
      quantity: Int(row.int(8)), reason: row.textOrNil(9), providerID: row.intOrNil(10),
      sendReference: row.textOrNil(11), sends: Int(row.int(12)), checks: Int(row.int(13)),
      age: .milliseconds(row.int(21)),
      sinceSend: row.intOrNil(14).map { .milliseconds($0) }, untilDue: row.intOrNil(15).map { .milliseconds($0) },
      cost: row.textOrNil(16).flatMap { Money(parsing: $0) }, hasPin: row.bool(17), createdAt: row.int(18),
      updatedAt: row.int(19), trace: row.textOrNil(20))
    // A code of a newer program is no reason to fail.
    order.reasonCode = try row.textOrNil(29).map { ReasonCode(rawValue: $0) ?? .other }
    order.refundClaimedAt = try row.intOrNil(26)
    order.asks = Int(try row.int(27))
    order.stage = try row.textOrNil(28).flatMap { Stage(rawValue: $0) }
    order.player = try row.textOrNil(30) ?? order.fields[Route.playerFieldUsual]
    if let kind = try row.textOrNil(22).flatMap({ Witness.Kind(rawValue: $0) }) {
      order.witness = try Witness(
        kind, fingerprint: row.bytesOrNil(23) ?? [], words: row.textOrNil(24) ?? "",
        age: .milliseconds(row.intOrNil(25) ?? 0))
    }
    return order
  }

  /// A row of `load_orders.sql`.
  static func decodeLoaded(_ row: PostgresRow) throws -> Order {
    var order = try decode(row)
    order.metadata = try row.textOrNil(nextColumn)
    return order
  }

  /// A flat JSON object of strings.
  static func decodeMap(_ json: String) throws -> [String: String] {
    try FlatJSON.decode(json)
  }

  static func encodeMap(_ map: [String: String]) throws -> String {
    try FlatJSON.encode(map)
  }
}
