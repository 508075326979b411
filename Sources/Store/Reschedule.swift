internal import EventLoop
internal import Orders
internal import Postgres

/// A check that settled nothing; written with `reschedule.sql`.
struct Reschedule: Sendable {
  let id: OrderID
  let version: Int
  let checks: Int
  let note: Reason
  let dueIn: Duration
  let exchange: Exchange?
  let witness: Witness?

  /// - Returns: as `TransitionRows.write`.
  @LoopActor
  static func write(_ notes: [Reschedule], _ pool: PostgresPool) async throws -> [Result<Order, any Error>] {
    let rows = try await BatchWriter.run(
      Statements.reschedule,
      [
        .textArray(notes.map(\.id.description)), .intArray(notes.map(\.version)), .intArray(notes.map(\.checks)),
        .textArray(notes.map(\.note.text)), .intArray(notes.map(\.dueIn.milliseconds)),
      ] + ExchangeColumns(notes.map(\.exchange)).parameters + WitnessColumns(notes.map(\.witness)).parameters
        + [.textArray(notes.map { $0.note.code?.rawValue })], pool)
    return try TransitionRows.written(rows, notes.map(\.id))
  }
}
