internal import EventLoop
internal import Orders
internal import Postgres

/// Writes transitions with `transition.sql`.
enum TransitionRows {
  @LoopActor
  static func write(_ moves: [Transition], _ pool: PostgresPool) async throws -> [Bool] {
    let exchanges = ExchangeColumns(moves.map(\.exchange))
    let rows = try await BatchWriter.run(
      Statements.transition,
      [
        .textArray(moves.map(\.id.description)), .intArray(moves.map(\.fromVersion)),
        .textArray(moves.map(\.to.rawValue)), .textArray(moves.map(\.reason)),
        .intArray(moves.map(\.send?.providerID)), .textArray(moves.map(\.send?.reference)),
        .textArray(moves.map(\.attempt?.rawValue)), .textArray(moves.map(\.cost?.description)),
        .textArray(moves.map(\.balance?.description)), .intArray(moves.map(\.dueIn?.milliseconds)),
        .byteaArray(moves.map(\.sealedPin)), .textArray(moves.map(\.eventType)),
      ] + exchanges.parameters + [.byteaArray(moves.map(\.pinPrint))] + WitnessColumns(moves.map(\.witness)).parameters
        + [
          .textArray(moves.map { $0.terms.map { "\($0.isPinRequired)" } }),
          .intArray(moves.map { $0.terms.map { Int64($0.accountEpoch) } }),
        ], pool)
    return try positions(rows, count: moves.count)
  }

  /// True at each position (from 1) that the rows name.
  static func positions(_ rows: PostgresRows, count: Int) throws(PostgresError) -> [Bool] {
    var done = [Bool](repeating: false, count: count)
    for row in rows {
      let position = try row.int(0)
      guard (1...Int64(count)).contains(position) else { throw row.unreadable(0, "is no position of what was written") }
      done[Int(position) - 1] = true
    }
    return done
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
      .textArray(witnesses.map { $0?.kind.rawValue }), .byteaArray(witnesses.map { $0?.print }),
      .textArray(witnesses.map { $0?.words }),
    ]
  }
}
