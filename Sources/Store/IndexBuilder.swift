internal import EventLoop
internal import Postgres

/// Builds indexes while writes go on, and takes up what a build that was killed left behind.
///
/// Nothing is noted anywhere: an index that is there and valid is done, one that is invalid was given up half-way and is
/// dropped and built again, and one that somebody else is building is waited for. So any number may do this at once, and
/// it may be killed at any moment: whoever does it next goes on. What is built by a server whose client was killed comes
/// to its end by itself.
@LoopActor
struct IndexBuilder {
  private enum State { case missing, building, invalid, valid }

  /// Between two looks at what another one is building.
  private static let pause = Duration.milliseconds(200)
  /// Another one was faster, or was in the way: looked at again.
  private static let collisions: Set<String> = ["42P07", "23505", "40P01", "55P03"]

  let pool: PostgresPool

  /// Those of `indexes` that can't be used yet, or are still there.
  func unfinished(_ indexes: [Migration.Index]) async throws -> [Migration.Index] {
    let gone = Set(indexes.filter(\.isDropped).map(\.name))
    let states = try await states(of: indexes)
    return indexes.filter {
      $0.isDropped ? states[$0.name] != .missing : !gone.contains($0.name) && states[$0.name] != .valid
    }
  }

  /// Builds an index unless it is there, or drops it unless it is gone.
  func build(_ index: Migration.Index) async throws {
    while true {
      do throws(PostgresError) {
        switch (try await states(of: [index])[index.name] ?? .missing, index.isDropped) {
        case (.valid, false), (.missing, true): return
        case (.building, false): break
        case (.invalid, _), (_, true):
          try await pool.script("DROP INDEX CONCURRENTLY IF EXISTS \(index.name)")
          continue
        case (.missing, false):
          try await pool.script(index.statement)
          continue
        }
      } catch {
        guard let state = error.sqlstate, Self.collisions.contains(state) || Self.isRace(error) else { throw error }
      }
      try await EventLoop.sleep(for: Self.pause)
    }
  }

  /// Two that build or drop one index meet in its row of the catalogue. PostgreSQL has no code for that, and never translates
  /// these words.
  private static func isRace(_ error: PostgresError) -> Bool {
    error.sqlstate == "XX000" && error.message.hasPrefix("tuple concurrently ")
  }

  private func states(of indexes: [Migration.Index]) async throws(PostgresError) -> [String: State] {
    guard !indexes.isEmpty else { return [:] }
    var states: [String: State] = [:]
    for row in try await pool.run(Statements.indexStates, [.textArray(indexes.map(\.name))]) {
      let (isThere, isValid, isBuilding) = (try row.bool(1), try row.bool(2), try row.bool(3))
      states[try row.text(0)] = !isThere ? .missing : isValid ? .valid : isBuilding ? .building : .invalid
    }
    return states
  }
}
