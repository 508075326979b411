import Cipher
import EventLoop
import Postgres
import Store
import TestSupport
import Testing

/// Tokens that are made, rotated, used, listed, and end.
@Suite(.timeLimit(.minutes(2))) struct TokenTests {
  @Test func aRotatedTokenPassesOnWhatItMayDo() async throws {
    let bench = try await Bench()
    let setup = Setup(store: bench.store)
    var new = Setup.NewToken(tenant: "shop", scopes: ["orders:read"])
    (new.name, new.ratePerSecond, new.rateBurst, new.lifetime) = ("checkout", 5, 9, .seconds(3600))
    let old = try await setup.createToken(new)
    let (made, tenant, scopes, _) = try #require(
      try await setup.rotateToken(old.id, overlap: .seconds(60), lifetime: nil))
    #expect(made.secret != old.secret && tenant == "shop" && scopes == "orders:read")

    // Both work while they overlap, and a log can tell them apart.
    let directory = Directory(store: bench.store)
    for token in [old, made] {
      let grant = try #require(try await directory.grant(tokenHash: Digest.sha256(token.secret.utf8)))
      #expect(grant.tokenID == token.id && grant.tenant == "shop" && grant.scopes == ["orders:read"])
      #expect(grant.ratePerSecond == 5 && grant.rateBurst == 9)
      #expect(token.secret.hasPrefix(grant.prefix) && grant.prefix.count == 13)
    }
    #expect(
      try await bench.count("api_tokens", where: "id = \(made.id) AND expires_at = created_at + interval '1 hour'") == 1
    )
    #expect(
      try await bench.count(
        "api_tokens", where: "id = \(old.id) AND expires_at BETWEEN created_at AND now() + interval '60 s'") == 1)
    // Only once: the second would leave the first new one behind, forgotten.
    #expect(try await setup.rotateToken(old.id, overlap: .zero, lifetime: nil) == nil)

    _ = try await bench.sql("UPDATE api_tokens SET expires_at = now() WHERE id = \(old.id)")
    let later = Directory(store: bench.store)
    #expect(try await later.grant(tokenHash: Digest.sha256(old.secret.utf8)) == nil)
    #expect(try await later.grant(tokenHash: Digest.sha256(made.secret.utf8)) != nil)
    #expect(try await setup.rotateToken(old.id, overlap: .zero, lifetime: nil) == nil)
    let listed = try await setup.tokens(tenant: "shop")
    #expect(listed.map(\.isExpired) == [true, false] && listed.map(\.replacedBy) == [made.id, nil])
    #expect(listed.map(\.name) == ["checkout", "checkout"] && listed.map(\.prefix) == [old.prefix, made.prefix])
  }

  @Test func anOverlapNeverLengthensALife() async throws {
    let bench = try await Bench()
    let setup = Setup(store: bench.store)
    var new = Setup.NewToken(tenant: "shop", scopes: [])
    new.lifetime = .seconds(60)
    let old = try await setup.createToken(new)
    let rotated = try await setup.rotateToken(old.id, overlap: .seconds(3600), lifetime: .seconds(7200))
    #expect(rotated?.oldEndsAt == old.expiresAt)
    #expect(try await bench.count("api_tokens", where: "expires_at = created_at + interval '2 hours'") == 1)
  }

  /// A running process forgets a revoked token; the suite's time limit judges, and the constant says how soon.
  @Test func revocationReachesWhoKnowsTheToken() async throws {
    #expect(Directory.ageMax <= .seconds(2))
    let bench = try await Bench()
    let setup = Setup(store: bench.store)
    let token = try await setup.createToken(Setup.NewToken(tenant: "shop", scopes: ["orders:read"]))
    let hash = Digest.sha256(token.secret.utf8)
    let directory = Directory(store: bench.store)
    #expect(try await directory.grant(tokenHash: hash) != nil)
    #expect(try await setup.revokeToken(token.id))
    while try await directory.grant(tokenHash: hash) != nil { try await EventLoop.sleep(for: .milliseconds(10)) }
    #expect(try await directory.grant(tokenHash: hash, mayBeNew: false) == nil)
    #expect(try await setup.revokeToken(token.id) == false)
    #expect(try await setup.rotateToken(token.id, overlap: .zero, lifetime: nil) == nil)
  }

  @Test func aUseIsWrittenOnceAnHour() async throws {
    let bench = try await Bench()
    let setup = Setup(store: bench.store)
    let token = try await setup.createToken(Setup.NewToken(tenant: "shop", scopes: []))
    #expect(try await setup.tokens(tenant: nil).map(\.lastUsedAt) == [nil])
    try await bench.store.noteUse(ofToken: token.id)
    let row = "SELECT last_used_at::text, xmin::text FROM api_tokens"
    let first = try await bench.sql(row)[0]
    try await bench.store.noteUse(ofToken: token.id)
    let second = try await bench.sql(row)[0]
    #expect(try first.text(0) == second.text(0) && first.text(1) == second.text(1))
    _ = try await bench.sql("UPDATE api_tokens SET last_used_at = now() - interval '61 minutes'")
    try await bench.store.noteUse(ofToken: token.id)
    #expect(try await bench.count("api_tokens", where: "last_used_at > now() - interval '5 minutes'") == 1)
  }
}
