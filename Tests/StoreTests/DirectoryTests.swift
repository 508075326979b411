import Cipher
import EventLoop
import Orders
import Postgres
import TestSupport
import Testing

@testable import Store

/// All of the set-up is read only when it changed.
@Suite(.timeLimit(.minutes(1))) struct DirectoryTests {
  /// Looks for what is not there, for which it looks anew each time.
  private func look(_ directory: Directory) async throws {
    #expect(try await directory.provider(-1) == nil)
  }

  @Test func itIsReadAgainWhenItChanged() async throws {
    let bench = try await Bench()
    let setup = Setup(store: bench.store)
    let directory = Directory(store: bench.store)
    try await look(directory)
    for _ in 0..<3 { try await look(directory) }
    #expect(await directory.wholeReads == 1)

    let token = try await setup.createToken(tenant: "shop", scopes: ["orders:read"])
    let changes: [@LoopActor () async throws -> Void] = [
      { try await setup.addTenant("other") },
      { _ = try await setup.addRoute(tenant: "shop", product: "p", provider: "znet", parameters: [:], position: nil) },
      { try await setup.addProvider(.sample("second")) },
      { _ = try await ProviderUpdates(store: bench.store).setPaused("znet", true, note: nil) },
      { _ = try await setup.removeRoute(tenant: "shop", product: "p", position: 1) },
      { _ = try await bench.sql("UPDATE api_tokens SET revoked_at = now()") },
    ]
    try await look(directory)
    for (number, change) in changes.enumerated() {
      let before = await directory.wholeReads
      try await change()
      try await look(directory)
      #expect(await directory.wholeReads == before + 1, "change \(number)")
    }
    #expect(try await directory.grant(tokenHash: Digest.sha256(token.utf8)) == nil)
  }

  @Test func whatProcessesNoteAllTheTimeIsNoChange() async throws {
    let bench = try await Bench()
    let setup = Setup(store: bench.store)
    _ = try await setup.createToken(tenant: "shop", scopes: ["orders:read"])
    let directory = Directory(store: bench.store)
    try await look(directory)
    try await setup.recordProbe(provider: bench.provider, balance: .init(tenThousandths: 120_000))
    _ = try await bench.sql("UPDATE api_tokens SET last_used_at = now()")
    _ = try await bench.order(.sending, .sent, .completed)
    try await look(directory)
    #expect(await directory.wholeReads == 1)
  }

  @Test func aTokenThatEndsIsReadAgain() async throws {
    let bench = try await Bench()
    let setup = Setup(store: bench.store)
    var new = Setup.NewToken(tenant: "shop", scopes: ["orders:read"])
    new.lifetime = .milliseconds(300)
    let made = try await setup.createToken(new)
    let directory = Directory(store: bench.store)
    let hash = Digest.sha256(made.secret.utf8)
    while try await directory.grant(tokenHash: hash, mayBeNew: false) != nil { try await look(directory) }
    #expect(await directory.wholeReads > 1)
  }

  /// A database that is slow for a moment: who asks meanwhile must not join the read that has ended again and again,
  /// without ever letting go of the loop.
  @Test func aSlowReadHoldsNobodyForEver() async throws {
    let bench = try await Bench()
    let directory = Directory(store: bench.store)
    // Pools of their own, as a question behind the slow read would be answered after it.
    let pools = (0..<2).map { _ in PostgresPool(url: bench.url, connectionsMax: 1, planner: Statements.planner) }
    // The callers run on the loop alone, as in the programs: else each wait goes over another thread and lets go.
    // Longer than one who misses waits for the next read.
    let slow = Task {
      try await pools[0].script(
        "DO $$ BEGIN LOCK TABLE providers IN ACCESS EXCLUSIVE MODE; PERFORM pg_sleep(1); END $$")
    }
    func locks(_ condition: String) async throws -> Int64 {
      let sql = "SELECT count(*) FROM pg_locks WHERE relation = 'providers'::regclass AND \(condition)"
      return try await pools[1].run(PostgresStatement(name: "", sql: sql), [])[0].int(0)
    }
    while try await locks("granted AND mode = 'AccessExclusiveLock'") == 0 { try Task.checkCancellation() }
    let first = Task(executorPreference: EventLoop.shared) { try await self.look(directory) }
    while try await locks("NOT granted") == 0 { try Task.checkCancellation() }
    let second = Task(executorPreference: EventLoop.shared) { try await self.look(directory) }
    try await first.value
    try await second.value
    try await slow.value
    for pool in pools { await pool.close() }
  }
}
