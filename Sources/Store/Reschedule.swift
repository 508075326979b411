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

  /// For `reschedule.sql`.
  static func parameters(_ notes: [Reschedule]) -> [PostgresParameter] {
    [
      .textArray(notes.map(\.id.description)), .intArray(notes.map(\.version)), .intArray(notes.map(\.checks)),
      .textArray(notes.map(\.note.text)), .intArray(notes.map(\.dueIn.milliseconds)),
    ] + ExchangeColumns(notes.map(\.exchange)).parameters + WitnessColumns(notes.map(\.witness)).parameters
      + [.textArray(notes.map { $0.note.code?.rawValue })]
  }
}
