internal import EventLoop
internal import Orders
internal import Postgres

/// Writes transitions with `transition.sql`.
enum TransitionRows {
  /// For `transition.sql`.
  static func parameters(_ moves: [Transition]) -> [PostgresParameter] {
    let exchanges = ExchangeColumns(moves.map(\.exchange))
    return [
      .textArray(moves.map(\.id.description)), .intArray(moves.map(\.fromVersion)),
      .textArray(moves.map(\.to.rawValue)), .textArray(moves.map(\.reason.text)),
      .intArray(moves.map(\.send?.providerID)), .textArray(moves.map(\.send?.sendReference)),
      .textArray(moves.map(\.sendState?.rawValue)), .textArray(moves.map(\.cost?.description)),
      .textArray(moves.map(\.balance?.description)), .intArray(moves.map(\.dueIn?.milliseconds)),
      .byteaArray(moves.map(\.sealedPin)), .textArray(moves.map(\.eventType)),
    ] + exchanges.parameters + [.byteaArray(moves.map(\.pinFingerprint))]
      + WitnessColumns(moves.map(\.witness)).parameters
      + [
        .textArray(moves.map { $0.terms.map { "\($0.isPinRequired)" } }),
        .intArray(moves.map { $0.terms.map { Int64($0.accountEpoch) } }),
        .textArray(moves.map { $0.reason.code?.rawValue }), .textArray(moves.map { $0.pinOf?.description }),
        .textArray(moves.map(\.providerOrderID)),
        .textArray(moves.map { $0.choice?.why.rawValue }), .textArray(moves.map { $0.choice?.words }),
        .textArray(moves.map(\.catalogCost?.description)), .byteaArray(moves.map(\.sentPrint)),
        .textArray(moves.map { $0.waits?.stored }),
      ]
  }

  /// The order at each position (from 1) that the rows name, and a conflict at the others. One that this version can't
  /// read is no reason to fail the others.
  static func written(_ rows: PostgresRows, _ ids: [OrderID]) throws(PostgresError) -> [Result<Order, any Error>] {
    var orders = ids.map { Result<Order, any Error>.failure(StoreError.conflict($0)) }
    for row in rows {
      let position = try row.int(OrderRow.nextColumn)
      guard (1...Int64(ids.count)).contains(position) else {
        throw row.unreadable(OrderRow.nextColumn, "is no position of what was written")
      }
      orders[Int(position) - 1] = Result { try OrderRow.decode(row) }
    }
    return orders
  }
}

extension Transition {
  /// Going back to `pending` is not a creation.
  fileprivate var eventType: String? { to == .pending ? nil : to.eventType }
}

/// The six columns that carry an exchange, null where there is none.
struct ExchangeColumns {
  let parameters: [PostgresParameter]

  init(_ exchanges: [Exchange?]) {
    parameters = [
      .textArray(exchanges.map(\.?.kind.rawValue)), .textArray(exchanges.map(\.?.request)),
      .intArray(exchanges.map { $0?.status.map(Int64.init) }), .byteaArray(exchanges.map(\.?.reply)),
      .textArray(exchanges.map { $0?.error }), .intArray(exchanges.map(\.?.duration.milliseconds)),
    ]
  }
}

/// The three columns that carry a witness, null where there is none.
struct WitnessColumns {
  let parameters: [PostgresParameter]

  init(_ witnesses: [Witness?]) {
    parameters = [
      .textArray(witnesses.map { $0?.kind.rawValue }), .byteaArray(witnesses.map { $0?.fingerprint }),
      .textArray(witnesses.map { $0?.words }),
    ]
  }
}
