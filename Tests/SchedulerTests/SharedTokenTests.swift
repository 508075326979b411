import Adapters
import Calls
import Cipher
import EventLoop
import Foundation
import HTTPClient
import HTTPServer
import OrderWork
import Orders
import Postgres
import Store
import TestSupport
import Testing

@testable import Simulator

/// Several processes at one provider that wants a token: one of them asks for all.
@LoopActor
@Suite(.serialized, .timeLimit(.minutes(2))) struct SharedTokenTests {
  private struct Bench {
    let panel: PanelServer
    let server: HTTPServer
    let pool: PostgresPool
    let account: ProviderAccount
    /// A client for each process.
    let clients: [ProviderClient]
    let books: [StoredTokens]
  }

  private func with(
    processes: Int = 3, _ faults: [Fault: FaultRate] = [:], _ body: (Bench) async throws -> Void
  ) async throws {
    var options = SimulatorOptions()
    options.faults = faults
    let panel = PanelServer(options)
    let server = HTTPServer(host: "127.0.0.1", port: 0) { await panel.serve($0) }
    try server.start()
    let pool = PostgresPool(
      url: try await PrivatePostgres.shared.createDatabase(), connectionsMax: 4, planner: Statements.planner)
    _ = try await Migrator(pool: pool).migrate()
    let vault = try Vault(keys: Data(repeating: 7, count: 32).base64EncodedString())
    let url = "http://127.0.0.1:\(server.port)"
    let credentials = [
      "client_id": options.kod, "client_secret": options.sifre, "audience": "topups", "auth_url": url,
    ]
    try await Setup(store: Store(pool: pool, vault: vault)).addProvider(
      .init(
        name: "reloadly", adapter: "reloadly", baseURL: url, credentials: credentials, timeout: .seconds(5),
        concurrencyMax: 16, ratePerSecond: nil, trustNotFoundAfter: nil, checkFirst: nil, checkBackoff: nil,
        checkBackoffMax: nil, checkDeadline: nil))
    let id = try await pool.run(PostgresStatement(name: "", sql: "SELECT id FROM providers"), []).single().int(0)
    let account = ProviderAccount(
      id: id, name: "reloadly", adapter: "reloadly", baseURL: url, credentials: credentials, timeout: .seconds(5))
    let books = (0..<processes).map { _ in StoredTokens(Store(pool: pool, vault: vault)) }
    let clients = books.map { ProviderClient(http: HTTPClient(connectionsMax: 50), tokens: $0) }
    try await body(
      Bench(panel: panel, server: server, pool: pool, account: account, clients: clients, books: books))
    await server.stop(grace: .zero)
    await pool.close()
  }

  /// Each process asks about so many orders at once; how many questions were answered.
  private func burst(_ bench: Bench, _ count: Int = 20) async -> Int {
    await withTaskGroup(of: Bool.self) { group in
      for client in bench.clients {
        for number in 0..<count {
          group.addTask {
            await client.query(reference: "\(number)", account: bench.account).outcome.isAnswered
          }
        }
      }
      var answered = 0
      for await isAnswered in group where isAnswered { answered += 1 }
      return answered
    }
  }

  @Test func oneAsksForAll() async throws {
    try await with { bench in
      #expect(await burst(bench) == 60)
      #expect(bench.panel.apiBooks.tokensGiven == 1)
    }
  }

  /// Mid-burst the provider takes the token no more: it is replaced once, whoever was refused with it.
  @Test func aTokenThatIsRefusedIsReplacedOnceForAll() async throws {
    try await with { bench in
      #expect(await burst(bench) == 60)
      bench.panel.apiBooks.tokens = []
      #expect(await burst(bench) < 60)
      while await burst(bench) < 60 {}
      #expect(bench.panel.apiBooks.tokensGiven == 2)
    }
  }

  /// Whoever refuses every token is not asked for one with each request.
  @Test func whatNoTokenMendsIsNoStorm() async throws {
    try await with([.tokenRefused: .share(1)]) { bench in
      let begun = ContinuousClock.now
      for _ in 0..<5 { #expect(await burst(bench) == 0) }
      // Each process replaces one, and again only after a while, which a slow machine may take.
      let whiles = Int((ContinuousClock.now - begun) / .seconds(5))
      #expect(bench.panel.apiBooks.tokensGiven <= 1 + bench.clients.count * (1 + whiles))
    }
  }

  @Test func aLoginThatFailsIsNotTriedByEverybody() async throws {
    try await with([.loginFails: .share(1)]) { bench in
      let begun = ContinuousClock.now
      for _ in 0..<3 { #expect(await burst(bench) == 0) }
      let whiles = Int((ContinuousClock.now - begun) / .seconds(3))
      #expect(bench.panel.apiBooks.tokensGiven <= 1 + whiles * bench.clients.count)
      // Ops mend it: another login is tried at once.
      var other = bench.account
      other.credentials["audience"] = "https://topups.reloadly.com"
      bench.panel.faults.set(.loginFails, .share(0))
      #expect(await bench.clients[0].query(reference: "1", account: other).outcome.isAnswered)
    }
  }

  @Test func withoutPostgreSQLAProcessHasItsOwn() async throws {
    try await with { bench in
      await bench.pool.close()
      #expect(await burst(bench) == 60)
      #expect(bench.panel.apiBooks.tokensGiven == bench.clients.count)
    }
  }

  /// Another address or login gets none of it, and in the database nobody reads it.
  @Test func aTokenIsItsLoginsAndSealed() async throws {
    try await with { bench in
      #expect(await burst(bench) == 60)
      let token = try #require(bench.panel.apiBooks.tokens.first)
      let row = try await bench.pool.run(
        PostgresStatement(name: "", sql: "SELECT provider_tokens::text, encode(sealed, 'escape') FROM provider_tokens"),
        []
      ).single()
      for column in 0...1 { #expect(try !row.text(column).contains(token.prefix(6))) }
      var other = bench.account
      other.credentials["client_secret"] = "wrong"
      guard
        case .renew = try await bench.books[0].claim(
          TokenLogin(other), refused: nil, holder: "x", lease: .seconds(9))
      else {
        Issue.record("another login was given the token")
        return
      }
      guard
        case .token(let kept, let number) = try await bench.books[1].claim(
          TokenLogin(bench.account), refused: nil, holder: "x", lease: .seconds(9))
      else {
        Issue.record("no token")
        return
      }
      #expect(kept.value == token && number == 1 && kept.lifetime > .seconds(3000))
    }
  }

  /// Who has the lease and dies keeps the others waiting only until it ends; who comes back late changes nothing.
  @Test func aLeaseEndsAndALateHolderKeepsNothing() async throws {
    try await with { bench in
      let (login, books) = (TokenLogin(bench.account), bench.books[0])
      func claim(_ holder: String, _ lease: Duration) async throws -> String {
        switch try await books.claim(login, refused: nil, holder: holder, lease: lease) {
        case .renew: "renew"
        case .wait: "wait"
        case .failed: "failed"
        case .token(let token, _): token.value
        }
      }
      #expect(try await claim("dead", .zero) == "renew")
      #expect(try await claim("next", .seconds(60)) == "renew")
      #expect(try await claim("third", .seconds(60)) == "wait")
      #expect(try await books.keep(AccessToken("late", lifetime: .seconds(600)), of: login, holder: "dead") == nil)
      #expect(try await claim("third", .seconds(60)) == "wait")
      #expect(try await books.keep(AccessToken("T-1", lifetime: .seconds(600)), of: login, holder: "next") == 1)
      #expect(try await claim("third", .seconds(60)) == "T-1")
      // Refused: one replaces it, the others wait, and who is refused with the older one gets the newer.
      guard case .renew = try await books.claim(login, refused: 1, holder: "a", lease: .seconds(60)),
        case .wait = try await books.claim(login, refused: 1, holder: "b", lease: .seconds(60))
      else {
        Issue.record("not replaced by one")
        return
      }
      #expect(try await books.keep(AccessToken("T-2", lifetime: .seconds(600)), of: login, holder: "a") == 2)
      guard case .token(let newer, 2) = try await books.claim(login, refused: 1, holder: "b", lease: .seconds(60))
      else {
        Issue.record("not the newer one")
        return
      }
      #expect(newer.value == "T-2")
      // One that has ended is nobody's, and a login that failed is not tried again at once.
      guard case .renew = try await books.claim(login, refused: 2, holder: "a", lease: .seconds(60)) else {
        Issue.record("not replaced")
        return
      }
      #expect(try await books.keep(AccessToken("T-3", lifetime: .zero), of: login, holder: "a") == 3)
      try await books.giveUp(login, holder: "nobody", pause: .seconds(60))
      #expect(try await claim("b", .seconds(60)) == "renew")
      try await books.giveUp(login, holder: "b", pause: .seconds(60))
      let last = try await claim("c", .seconds(60))
      #expect(last == "failed")
    }
  }
}

extension QueryOutcome {
  fileprivate var isAnswered: Bool {
    switch self {
    case .waiting, .completed, .cancelled, .notFound: true
    case .queryFailed, .unintelligible: false
    }
  }
}
