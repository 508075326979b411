import Cipher
import EventLoop
import Foundation
import Orders
import Postgres
import TestSupport
import Testing

@testable import Store

/// Partners and desks: who they are, what they log in with, and whose orders they are offered.
@LoopActor @Suite(.timeLimit(.minutes(2))) struct PartnerTests {
  private func add(_ name: String, _ tenant: String, to bench: Bench) async throws -> Int64 {
    let phone = try #require(PhoneNumber("+90 555 123 45 67"))
    return try await Setup(store: bench.store).addPartner(
      .init(tenant: tenant, name: name, phone: phone, telegram: "-100123", language: "tr"))
  }

  @Test func aTokenIsItsPartnersUntilItIsTakenBack() async throws {
    let bench = try await Bench()
    let (setup, partners) = (Setup(store: bench.store), PartnerStore(bench.store))
    let id = try await add("ali", "shop", to: bench)
    let made = try await setup.createPartnerToken(of: "ali", tenant: "shop", called: "phone")
    let hash = Digest.sha256(made.secret.utf8)
    let known = try #require(try await partners.partner(tokenHash: hash))
    #expect(known.id == id && known.tenant == "shop" && known.phone == "+905551234567" && known.language == "tr")
    #expect(try await partners.partner(telegram: "-100123", tenant: bench.tenant)?.id == id)
    #expect(try await partners.partner(telegram: "-100123", tenant: bench.tenant + 1) == nil)
    #expect(try await setup.partnerTokens(tenant: "shop", partner: nil).first?.lastUsedAt != nil)
    #expect(try await bench.count("partner_tokens", where: "hash::text LIKE '%\(made.secret)%'") == 0)
    #expect(try await partners.partner(tokenHash: Digest.sha256("sevk_".utf8)) == nil)
    #expect(try await setup.revokePartnerToken(made.id))
    #expect(try await partners.partner(tokenHash: hash) == nil)

    let second = try await setup.createPartnerToken(of: "ali", tenant: "shop")
    #expect(try await setup.removePartner("ali", tenant: "shop"))
    #expect(try await partners.partner(tokenHash: Digest.sha256(second.secret.utf8)) == nil)
    #expect(try await partners.partner(id)?.state == .removed)
    // The name is free again, and is somebody else's.
    #expect(try await add("ali", "shop", to: bench) != id)
    await #expect(throws: StoreError.self) { _ = try await add("ali", "shop", to: bench) }
    await #expect(throws: StoreError.self) { _ = try await setup.createPartnerToken(of: "veli", tenant: "shop") }
  }

  @Test func aDeskIsNotedWholeAndOffersEachTenantsOrdersToItsOwn() async throws {
    let bench = try await Bench()
    let setup = Setup(store: bench.store)
    try await setup.addTenant("other")
    let (ali, veli) = (try await add("ali", "shop", to: bench), try await add("veli", "other", to: bench))
    try await setup.addProvider(
      .init(
        name: "kitchen", adapter: "desk", baseURL: "desk:", credentials: [:], timeout: .seconds(5), concurrencyMax: 16,
        ratePerSecond: nil, trustNotFoundAfter: nil, checkFirst: nil, checkBackoff: nil, checkBackoffMax: nil,
        checkDeadline: nil))
    let desk = Setup.Desk(
      rule: .first, acceptWithin: .seconds(60), whenNobody: .failed, partners: ["veli", "shop/ali"])
    try await setup.note(desk, provider: "kitchen")
    var stored = desk
    stored.partners = ["other/veli", "shop/ali"]
    #expect(try await setup.desk("kitchen") == stored)
    #expect(try await setup.desk("znet") == nil)
    stored.partners = ["shop/ali", "other/veli"]
    try await setup.note(stored, provider: "kitchen")
    #expect(try await setup.desk("kitchen") == stored)
    await #expect(throws: StoreError.self) {
      try await setup.note(Setup.Desk(partners: ["nobody"]), provider: "kitchen")
    }

    let provider = try await bench.sql("SELECT id FROM providers WHERE name = 'kitchen'")[0].int(0)
    let tenants = try await bench.store.tenantNames()
    for (name, partner) in [("shop", ali), ("other", veli)] {
      let tenant = try #require(tenants.first { $0.value == name }?.key)
      let new = bench.newOrder(tenant: tenant)
      _ = try await bench.store.add(new)
      var intent = Transition(try await bench.load(new.id), to: .sending)
      intent.send = (provider, .randomReference())
      intent.dueIn = .seconds(60)
      let sending = try await bench.store.apply(intent)
      let store = FulfilmentStore(bench.store)
      let reference = sending.sendReference ?? ""
      #expect(try await store.hand(reference: reference, provider: provider, .work, .code) == .there)
      #expect(try await bench.load(new.id).stage == .offered)
      let loaded = try #require(try await store.load(new.id))
      // Not even the next one may be of another tenant.
      #expect(loaded.now.offers.map(\.partner) == [partner] && loaded.now.candidates == [partner])
      #expect(loaded.tenantID == tenant && loaded.now.names[partner] != nil && loaded.now.names.count == 1)
      // At another provider's reference nothing is handed over.
      #expect(try await store.hand(reference: reference, provider: bench.provider, .work, .code) == .over)
    }
  }
}
