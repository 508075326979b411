internal import EventLoop
internal import Orders
internal import Postgres

/// One write of one order. Those of a tick are one transaction, whatever they are: a statement for each kind, and one commit.
enum OrderWrite: Sendable {
  case add(NewOrder)
  case move(Transition)
  case note(Reschedule)

  /// What became of it.
  enum Answer: Sendable {
    case intake(Result<Intake, any Error>)
    case written(Result<Order, any Error>)

    var intake: Intake {
      get throws {
        guard case .intake(let intake) = self else { throw Self.mixedUp }
        return try intake.get()
      }
    }

    /// - Throws: `StoreError.conflict` when nothing was written.
    var order: Order {
      get throws {
        guard case .written(let order) = self else { throw Self.mixedUp }
        return try order.get()
      }
    }

    fileprivate static let mixedUp = StoreError.invalid("a write got the answer of another; read the order again")
  }

  /// The order that it changes; nil for one that is new.
  var order: OrderID? {
    switch self {
    case .add: nil
    case .move(let move): move.id
    case .note(let note): note.id
    }
  }

  /// Writes them in one transaction.
  ///
  /// - Returns: an answer each, in their order.
  @LoopActor
  static func write(_ writes: [OrderWrite], _ pool: PostgresPool) async throws -> [Answer] {
    var (orders, moves, notes): ([NewOrder], [Transition], [Reschedule]) = ([], [], [])
    for write in writes {
      switch write {
      case .add(let order): orders.append(order)
      case .move(let move): moves.append(move)
      case .note(let note): notes.append(note)
      }
    }
    var statements: [(PostgresStatement, [PostgresParameter])] = []
    if !orders.isEmpty { statements.append((Statements.insertOrders, try NewOrder.parameters(orders))) }
    if !moves.isEmpty { statements.append((Statements.transition, TransitionRows.parameters(moves))) }
    if !notes.isEmpty { statements.append((Statements.reschedule, Reschedule.parameters(notes))) }
    var rows = try await BatchWriter.run(statements, pool)[...]
    var intakes: ArraySlice<Result<Intake, any Error>> = []
    var (moved, noted): (ArraySlice<Result<Order, any Error>>, ArraySlice<Result<Order, any Error>>) = ([], [])
    if !orders.isEmpty, let first = rows.popFirst() { intakes = await NewOrder.answers(orders, first, pool)[...] }
    if !moves.isEmpty, let first = rows.popFirst() { moved = try TransitionRows.written(first, moves.map(\.id))[...] }
    if !notes.isEmpty, let first = rows.popFirst() { noted = try TransitionRows.written(first, notes.map(\.id))[...] }
    return writes.map { write in
      let answer: Answer? =
        switch write {
        case .add: intakes.popFirst().map { .intake($0) }
        case .move: moved.popFirst().map { .written($0) }
        case .note: noted.popFirst().map { .written($0) }
        }
      return answer ?? .written(.failure(Answer.mixedUp))
    }
  }
}
