internal import EventLoop
public import Orders
internal import Postgres

/// A person's move of an order: written in one statement with the row that says who did it and why.
public struct PersonMove: Sendable {
  /// The order as the person was shown it: if it has moved on since, nothing is written.
  public let order: Order
  public let to: Status
  public let choice: PersonChoice
  public let who: String
  public let note: String
  /// What is then known of the current send.
  public var sendState: SendState?
  /// Until the next step is due; required unless `to` is final.
  public var dueIn: Duration?
  public var sealedPin: [UInt8]?
  /// A keyed hash of the PIN: the move is refused, as a conflict, when another order has the same.
  public var pinFingerprint: [UInt8]?

  /// Most characters of a note.
  public static let noteCharactersMax = 2000
  /// Most characters of a name.
  public static let whoCharactersMax = 200

  public init(_ order: Order, to status: Status, _ choice: PersonChoice, who: String, note: String) {
    self.order = order
    to = status
    self.choice = choice
    self.who = who
    self.note = note
  }
}

extension Store {
  private nonisolated static let writesMax = 5
  private nonisolated static let writePause = Duration.milliseconds(200)

  /// Writes a person's move and its audit row, or neither.
  ///
  /// - Throws: ``StoreError/conflict(_:)`` when the order is not as the person saw it or another order has the PIN;
  ///   `PostgresError` otherwise.
  public func apply(_ move: PersonMove) async throws {
    let order = move.order
    let type = move.to == .pending ? nil : move.to.eventType
    try await audited(order, who: move.who, note: move.note) {
      try await self.pool.run(
        Statements.personMove,
        [
          .text(order.id.description), .int(order.version), .text(order.status.rawValue), .text(move.to.rawValue),
          .text(move.choice.reason.text), .text(move.sendState?.rawValue),
          .int(move.dueIn?.milliseconds),
          .bytea(move.sealedPin), .text(type), .text(move.choice.rawValue), .text(move.who), .text(move.note),
          .bytea(move.pinFingerprint), .bool(order.status.row.person == .takesUp),
          .text(move.choice.reason.code?.rawValue),
        ]
      ).count == 1
    }
    announceEvents()
  }

  /// Makes a pending order due now, with an audit row.
  ///
  /// - Throws: as for a move.
  public func hurry(_ order: Order, who: String, note: String) async throws {
    try await audited(order, who: who, note: note) {
      try await self.pool.run(
        Statements.personHurry, [.text(order.id.description), .int(order.version), .text(who), .text(note)]
      ).count == 1
    }
  }

  /// Writes at most once: after a lost answer to the COMMIT, the audit row tells whether it is there.
  private func audited(
    _ order: Order, who: String, note: String, _ write: @LoopActor () async throws -> Bool
  ) async throws {
    let before = try await audits(of: order.id).count
    for turn in 1... {
      do {
        if try await write() { return }
        throw StoreError.conflict(order.id)
      } catch let error as PostgresError where turn < Self.writesMax && (error.isUnknownOutcome || error.isTransient) {
        try await EventLoop.sleep(for: Self.writePause)
        if try await audits(of: order.id).dropFirst(before).contains(where: { $0.who == who && $0.note == note }) {
          return
        }
      }
    }
  }
}
