internal import Cipher
internal import EventLoop
internal import Orders
internal import Postgres

/// What is in line for endpoints, read and written for many jobs at once.
@LoopActor
final class DeliveryBatches {
  /// Batches of reads, and of writes, under way at once.
  nonisolated static let underWayMax = 2
  /// The second batch of writes begins only once so many wait: what is written together costs less.
  nonisolated static let writesGathered = 64
  /// Secrets that are remembered.
  private nonisolated static let secretsMax = 1000

  private let store: Store
  private let writer: BatchWriter
  /// By whose they are and how they are sealed: opening one costs more than all else about a row.
  private var secrets: [[UInt8]: [UInt8]] = [:]

  nonisolated init(store: Store) {
    self.store = store
    writer = BatchWriter(pool: store.pool)
  }

  /// The oldest thing in each line.
  func due(_ lines: [DeliveryStore.Line]) async throws -> [Result<DeliveryStore.Due?, any Error>] {
    // A job that a hand wrote must not fail those that are read beside it.
    let readable = lines.filter { OrderID($0.order) != nil }
    var found: ArraySlice<Result<DeliveryStore.Due?, any Error>> = []
    if !readable.isEmpty {
      let rows = try await store.pool.run(Statements.dueDelivery, Self.parameters(readable))
      found = try read(rows, readable)[...]
    }
    if readable.count == lines.count { return Array(found) }
    return lines.map { line in
      OrderID(line.order) == nil
        ? .failure(StoreError.invalid("\"\(line.order)\" is no order's id"))
        : found.popFirst() ?? .success(nil)
    }
  }

  /// Writes down what endpoints took, and reads what is next in each line.
  ///
  /// An endpoint whose rows are locked for long, as while one with a long history is removed, fails no other: its receiver
  /// would be posted to again.
  func write(_ rows: [DeliveryStore.Delivered]) async -> [Result<DeliveryStore.Due?, any Error>] {
    let places = Dictionary(grouping: rows.indices) { rows[$0].line.endpoint }
    guard places.count > 1 else { return await writeOfOne(rows) }
    do { return try await writeAtOnce(rows) } catch {
      var results: [Result<DeliveryStore.Due?, any Error>] = rows.map { _ in .failure(error) }
      guard !((error as? PostgresError)?.isUnknownOutcome ?? true) else { return results }
      for places in places.values {
        for (place, result) in zip(places, await writeOfOne(places.map { rows[$0] })) { results[place] = result }
      }
      return results
    }
  }

  private func writeOfOne(_ rows: [DeliveryStore.Delivered]) async -> [Result<DeliveryStore.Due?, any Error>] {
    await writer.write(rows, order: { _ in nil }) { try await self.writeAtOnce($0) }.map { $0.flatMap(\.self) }
  }

  private func writeAtOnce(_ rows: [DeliveryStore.Delivered]) async throws -> [Result<DeliveryStore.Due?, any Error>] {
    let lines = rows.map(\.line)
    let answers = try await BatchWriter.run(
      [(Statements.recordDelivered, Self.parameters(rows)), (Statements.dueDelivery, Self.parameters(lines))],
      store.pool)
    return try read(answers[1], lines)
  }

  private static func parameters(_ lines: [DeliveryStore.Line]) -> [PostgresParameter] {
    [.intArray(lines.map(\.endpoint)), .textArray(lines.map(\.order))]
  }

  private static func parameters(_ rows: [DeliveryStore.Delivered]) -> [PostgresParameter] {
    [
      .intArray(rows.map(\.line.endpoint)), .intArray(rows.map(\.position)),
      .intArray(rows.map { $0.ending.httpStatus.map { Int64($0) } }),
      .intArray(rows.map(\.ending.duration.milliseconds)), .intArray(rows.map(\.ending.appliedVersion)),
      .boolArray(rows.map(\.ending.isSlow)),
    ]
  }

  // MARK: Rows

  /// A row that can't be read is no reason to fail the others.
  private func read(
    _ rows: PostgresRows, _ lines: [DeliveryStore.Line]
  ) throws -> [Result<DeliveryStore.Due?, any Error>] {
    guard rows.count == lines.count else {
      throw StoreError.invalid("PostgreSQL answered \(rows.count) rows for \(lines.count) lines of deliveries")
    }
    return zip(rows, lines).map { row, line in Result { try row.isNull(0) ? nil : try due(row, line) } }
  }

  private func due(_ row: PostgresRow, _ line: DeliveryStore.Line) throws -> DeliveryStore.Due {
    guard let state = EndpointRow.State(rawValue: try row.text(8)) else {
      throw row.unreadable(8, "is no state of an endpoint")
    }
    let context = EndpointStore.context(try row.int(1), try row.text(3))
    // One before it that can't be read must not keep the one that replaced it from signing.
    let previous = try row.bytesOrNil(7).flatMap { try? open($0, context) }
    return try DeliveryStore.Due(
      endpointID: row.int(0), tenantID: row.int(1), tenant: row.text(2), endpoint: row.text(3), url: row.text(4),
      ratePerSecond: row.intOrNil(5).map { Int($0) },
      secrets: [open(row.bytes(6), context)] + (previous.map { [$0] } ?? []),
      state: state, failingFor: row.intOrNil(9).map { .milliseconds($0) },
      slowFor: row.intOrNil(10).map { .milliseconds($0) }, warnedPercent: Int(row.int(11)), position: row.int(12),
      eventID: row.text(13), body: row.text(14), attempts: Int(row.int(15)),
      triedFor: row.intOrNil(16).map { .milliseconds($0) }, untilDue: .milliseconds(row.int(17)),
      sealedTo: row.textOrNil(18), type: row.text(19), orderID: line.order, isHeld: row.bool(20))
  }

  private func open(_ sealed: [UInt8], _ context: String) throws -> [UInt8] {
    // With whose it is: what is sealed for one endpoint must not open for another.
    let key = Array(context.utf8) + [0] + sealed
    if let known = secrets[key] { return known }
    let secret = try store.vault.open(sealed, context: context)
    if secrets.count >= Self.secretsMax { secrets = [:] }
    secrets[key] = secret
    return secret
  }
}
