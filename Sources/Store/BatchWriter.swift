internal import EventLoop
internal import Orders
internal import Postgres

/// Writes many rows at once so that none keeps the others from being written: not a bad one, nor one that somebody holds
/// locked, such as a person at a console or a process that was frozen in the middle of a transaction.
///
/// A batch waits ``lockWaitMax`` for a lock, no longer. Then the locked orders are looked for, without waiting, and the
/// others are written; from then on those orders are asked for first, so that no batch waits for them again. What is
/// locked elsewhere, an idempotency key that another transaction is just taking, is found by writing in pieces. Who asked
/// for a locked one gets the error, which is transient: it is tried again.
@LoopActor
final class BatchWriter {
  /// How long a statement waits for a lock. Locks among Sevk's own are held for the milliseconds of a commit.
  nonisolated static let lockWaitMax = Duration.milliseconds(200)
  /// A batch that fails is written again in so many pieces, and each piece that fails in turn.
  private nonisolated static let piecesMax = 16
  /// Waits for locks in one batch. When there are more, what is locked is the table, and the rest is tried later.
  private nonisolated static let lockWaitsMax = 8
  /// Locked orders that are remembered.
  private nonisolated static let lockedMax = 1000

  private let pool: PostgresPool
  private var locked: Set<OrderID> = []
  /// What the server said of a lock; known while `locked` is not empty.
  private var lockError: PostgresError?

  nonisolated init(pool: PostgresPool) { self.pool = pool }

  /// Runs statements in one transaction that does not wait long for locks and keeps the lists of orders itself; see `schema_0018.sql`.
  static func run(
    _ statements: [(PostgresStatement, [PostgresParameter])], _ pool: PostgresPool
  ) async throws(PostgresError) -> [PostgresRows] {
    let wait = "\(lockWaitMax.wholeMilliseconds)ms"
    return Array(try await pool.transaction([(Statements.keepLists, [.text(wait)])] + statements).dropFirst())
  }

  /// Writes rows, one result each.
  ///
  /// - Parameters:
  ///   - order: the order that a row changes; nil for one that is new.
  ///   - write: writes rows in one transaction, with ``run(_:_:)``.
  func write<Row: Sendable, Answer: Sendable>(
    _ rows: [Row], order: (Row) -> OrderID?, _ write: @LoopActor ([Row]) async throws -> [Answer]
  ) async -> [Result<Answer, any Error>] {
    let ids = rows.map(order)
    await look(among: ids.compactMap { $0 }.filter { locked.contains($0) })
    var results: [Result<Answer, any Error>?] = rows.map { _ in nil }
    while true {
      for (index, id) in ids.enumerated() where results[index] == nil && id.map({ locked.contains($0) }) ?? false {
        results[index] = .failure(lockError ?? Self.unlikely)
      }
      let left = rows.indices.filter { results[$0] == nil }
      guard !left.isEmpty else { break }
      let outcome: Result<[Answer], any Error>
      do { outcome = .success(try await write(left.map { rows[$0] })) } catch { outcome = .failure(error) }
      if case .failure(let error as PostgresError) = outcome, error.isLocked, left.count > 1 {
        lockError = error
        let before = locked.count
        await look(among: left.compactMap { ids[$0] })
        if locked.count > before { continue }
      }
      let answers = await finish(left.map { rows[$0] }, outcome, write)
      for (index, answer) in zip(left, answers) { results[index] = answer }
    }
    return results.map { $0 ?? .failure(Self.unlikely) }
  }

  private static let unlikely = StoreError.invalid("a row of a batch was left out; write it again")

  /// Takes the answers of a batch, or writes it in pieces where that can help.
  private func finish<Row: Sendable, Answer: Sendable>(
    _ rows: [Row], _ outcome: Result<[Answer], any Error>, _ write: @LoopActor ([Row]) async throws -> [Answer]
  ) async -> [Result<Answer, any Error>] {
    switch outcome {
    case .success(let answers): return answers.map { .success($0) }
    case .failure(let error):
      guard Self.isWorthPieces(error), rows.count > 1 else { return rows.map { _ in .failure(error) } }
      var waitsLeft = Self.lockWaitsMax
      return await inPieces(rows, error, &waitsLeft, write)
    }
  }

  private func inPieces<Row: Sendable, Answer: Sendable>(
    _ rows: [Row], _ cause: any Error, _ waitsLeft: inout Int, _ write: @LoopActor ([Row]) async throws -> [Answer]
  ) async -> [Result<Answer, any Error>] {
    var results: [Result<Answer, any Error>] = []
    let size = (rows.count + Self.piecesMax - 1) / Self.piecesMax
    for start in stride(from: 0, to: rows.count, by: size) {
      let piece = Array(rows[start..<min(start + size, rows.count)])
      guard waitsLeft > 0 else {
        results += piece.map { _ in .failure(cause) }
        continue
      }
      do {
        results += try await write(piece).map { .success($0) }
      } catch {
        if (error as? PostgresError)?.isLocked ?? false { waitsLeft -= 1 }
        if Self.isWorthPieces(error), piece.count > 1 {
          results += await inPieces(piece, error, &waitsLeft, write)
        } else {
          results += piece.map { _ in .failure(error) }
        }
      }
    }
    return results
  }

  /// Whether it may be due to one row alone, and nothing was committed.
  private static func isWorthPieces(_ error: any Error) -> Bool {
    guard let error = error as? PostgresError else { return false }
    return !error.isUnknownOutcome && (error.isLocked || !error.isTransient)
  }

  /// Learns which of the orders are locked. What can't be learnt stays as it was.
  private func look(among ids: [OrderID]) async {
    guard !ids.isEmpty,
      let rows = try? await Self.run([(Statements.lockedOrders, [.textArray(ids.map(\.description))])], pool)[0]
    else { return }
    locked.subtract(ids)
    // Those that others wrote meanwhile are never looked for again here: when it is full, it is learnt anew.
    if locked.count >= Self.lockedMax { locked = [] }
    if locked.count < Self.lockedMax { locked.formUnion(rows.compactMap { (try? $0.text(0)).flatMap { OrderID($0) } }) }
  }
}

extension PostgresError {
  /// Somebody else held a lock for longer than the statement might wait.
  var isLocked: Bool { sqlstate == "55P03" }
}
