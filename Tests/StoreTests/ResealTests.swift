import Cipher
import EventLoop
import Foundation
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// Everything that is sealed is known, and sealed anew.
@Suite(.timeLimit(.minutes(2)))
@LoopActor
struct ResealTests {
  private nonisolated static let newKey = Data(repeating: 9, count: 32).base64EncodedString()

  /// Columns of bytes that are not sealed: hashes, prints, and what providers said.
  private nonisolated static let open: Set = [
    "api_tokens.hash", "orders.request_hash", "orders.witness_print", "exchanges.reply", "exchanges_rest.reply",
    "pin_prints.print", "delivery_attempts.answer", "second_looks.said", "unfamiliar_replies.print",
    "unfamiliar_replies.reply", "attempts.sent_print", "provider_tokens.login", "stock_files.hash", "stock_codes.print",
    "secret_keys.proof", "button_tokens.hash", "partner_tokens.hash",
    "tenant_pages.logo",
  ]

  @Test func noColumnOfBytesIsForgotten() async throws {
    let bench = try await Bench()
    let columns = try await bench.sql(
      """
      SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE a.atttypid = 'bytea'::regtype AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
        AND c.relkind IN ('r', 'p') AND NOT (c.relispartition AND c.relname ~ '_[0-9]+$')
      """
    ).map { try $0.text(0) }
    let places = Set(SealedPlace.all.map(\.name))
    #expect(places.isSubset(of: columns), "\(places.subtracting(columns)) are no columns")
    let forgotten = Set(columns).subtracting(places).subtracting(Self.open)
    #expect(forgotten.isEmpty, "\(forgotten) is neither a SealedPlace nor listed here as not sealed")
    #expect(Self.open.isSubset(of: columns), "\(Self.open.subtracting(columns)) are no columns")
  }

  /// The bench with something sealed in every place, and stores with other keys.
  private func filled() async throws -> (bench: Bench, order: Order, both: Store, new: Store) {
    let bench = try await Bench()
    let order = try await bench.order(.sending, .sent)
    _ = try await bench.store.deliver(Pin("ABCD-EFGH-1234"), order: order, bench)
    let endpoints = EndpointStore(store: bench.store)
    _ = try await endpoints.put(.init(tenantID: bench.tenant, name: "books", url: "https://x.example", types: ["*"]))
    let row = try #require(try await endpoints.list(tenant: bench.tenant).first)
    _ = try await endpoints.rotate(row)
    try await ChannelStore(bench.store).add(
      name: "bot", adapter: "telegram", baseURL: "https://x.example", credentials: ["token": "1:a"])
    let tokens = ProviderTokens(bench.store)
    _ = try await tokens.claim(
      provider: bench.provider, secrets: [1], refused: nil, holder: "h", lease: .seconds(30))
    _ = try await tokens.keep(
      "TOKEN", provider: bench.provider, secrets: [1], holder: "h", lifetime: .seconds(60), renewIn: .seconds(50))
    let stock = StockStore(bench.store)
    let file = try await stock.begin(
      file: [UInt8](repeating: 1, count: 32), product: "gift", provider: bench.provider, who: "me")
    _ = try await stock.add(
      [NewStockCode(line: 1, code: Pin("CODE-0001-XYZW"), serial: nil, cost: nil, expiresAt: nil)], file: file.id,
      product: "gift", provider: bench.provider)
    try await bench.handOver("ACDEFGHJ", of: order.id)
    let both = Store(pool: bench.pool, vault: try Vault(keys: "\(Bench.key),\(Self.newKey)"))
    try await KeyBook(bench.store).meet()
    return (bench, order, both, Store(pool: bench.pool, vault: try Vault(keys: Self.newKey)))
  }

  @Test func everythingIsSealedAnewAndReadWithTheNewKeyAlone() async throws {
    let (bench, order, both, new) = try await filled()
    let oldID = try bench.store.vault.currentKeyID
    let newID = try new.vault.currentKeyID
    let before = try await Resealer(bench.store).counts()
    #expect(before.allSatisfy { $0.byKey == [oldID: 1] }, "\(before.map { ($0.place.name, $0.byKey) })")
    #expect(before.count == SealedPlace.all.count)

    #expect(try await KeyBook(both).activate(newID))
    // The old key alone is a stranger from now on.
    await #expect(throws: StoreError.self) { try await KeyBook(bench.store).meet() }
    let done = try await Resealer(both).reseal(rate: 1000) { _, _ in }
    #expect(done.resealed == before.count && done.unreadable.isEmpty && done.sharedPins.isEmpty)
    for (place, byKey) in try await Resealer(both).counts() where place.name != "provider_tokens.sealed" {
      #expect(byKey == [newID: 1], "\(place.name)")
    }
    #expect(try await bench.count("provider_tokens") == 0, "it is asked for anew")
    #expect(try await bench.count("reseal_marks") == 0)

    #expect(try await new.pin(of: order.id) == Pin("ABCD-EFGH-1234"))
    #expect(try await Directory(store: new).provider(bench.provider)?.credentials["sifre"] == "SECRET-PASSWORD")
    #expect(try await EndpointStore(store: new).unreadable().isEmpty)
    let channels = ChannelStore(new)
    #expect(try await channels.channels().map { try channels.credentials(of: $0) } == [["token": "1:a"]])
    // What is known by keyed hashes is still known.
    let print = try new.fingerprint(of: Pin("ABCD-EFGH-1234"))
    #expect(try await new.order(withPin: print)?.id == order.id)
    let again = [NewStockCode(line: 1, code: Pin("CODE-0001-XYZW"), serial: nil, cost: nil, expiresAt: nil)]
    #expect(try await StockStore(new).known(among: again).count == 1)
    // Once more there is nothing to do.
    #expect(try await Resealer(both).reseal(rate: 1000) { _, _ in }.resealed == 0)
  }

  /// Pages that skip rows would let a key be dropped that PINs are still sealed with.
  @Test func whatIsCountedByPagesIsAllThereIs() async throws {
    let (bench, _, both, new) = try await filled()
    let (oldID, newID) = (try bench.store.vault.currentKeyID, try new.vault.currentKeyID)
    for number in 1...12 {
      let order = try await bench.order(.sending, .sent)
      let store = number.isMultiple(of: 3) ? new : bench.store
      _ = try await store.deliver(Pin("PIN-\(number)-XYZW"), order: order, bench)
    }
    for pageSize in [1, 2, 5, 5000] {
      let pins = try await Resealer(both).counts(pageSize: pageSize).first { $0.place.name == "orders.pin" }
      #expect(pins?.byKey == [oldID: 9, newID: 4], "by pages of \(pageSize)")
    }
    #expect(try await Resealer(both).places(sealedBy: oldID).map(\.name) == SealedPlace.all.map(\.name))
    #expect(try await Resealer(both).places(sealedBy: newID).map(\.name) == ["orders.pin"])
    #expect(try await KeyBook(both).activate(newID))
    _ = try await Resealer(both).reseal(rate: 4) { _, _ in }
    #expect(try await Resealer(both).places(sealedBy: oldID).isEmpty)
  }

  @Test func aPinOfBeforeTheRotationIsNoticed() async throws {
    let (bench, order, both, new) = try await filled()
    let newID = try new.vault.currentKeyID
    #expect(try await KeyBook(both).activate(newID))
    let second = try await bench.order(.sending, .sent)
    // It has not looked for it under the old key, as a process without that key would not.
    _ = try await new.deliver(Pin("ABCD-EFGH-1234"), order: second, bench)
    let done = try await Resealer(both).reseal(rate: 1000) { _, _ in }
    #expect(done.sharedPins == [order.id.description])
    #expect(try await new.pin(of: order.id) == Pin("ABCD-EFGH-1234"))
    #expect(try await both.earlierFingerprints(of: Pin("ABCD-EFGH-1234")).count == 1)
  }

  @Test func aRequestOfBeforeTheRotationIsTheSameRequest() async throws {
    let (_, order, both, new) = try await filled()
    let request = ["a": "1", "b": "2"]
    let kept = try both.sentPrint(of: request, order.id)
    #expect(try both.vault.seal(with: new.vault.currentKeyID))
    #expect(try both.sentPrint(of: request, order.id) != kept)
    #expect(try both.sentPrint(of: request, order.id, like: kept) == kept)
    #expect(try both.sentPrint(of: ["a": "1", "b": "3"], order.id, like: kept) != kept)
    #expect(try new.sentPrint(of: request, order.id, like: kept) != kept, "it has not got that key")
  }

  @Test func whatNobodyCanReadStaysAndIsCounted() async throws {
    let (bench, order, both, new) = try await filled()
    #expect(try await KeyBook(both).activate(try new.vault.currentKeyID))
    let done = try await Resealer(new).reseal(rate: 1000) { _, _ in }
    #expect(done.unreadable.values.reduce(0, +) == SealedPlace.all.count - 1, "\(done.unreadable)")
    #expect(try await bench.store.pin(of: order.id) == Pin("ABCD-EFGH-1234"), "it is as it was")
  }

  @Test func aKeyIsUsedOnlyOnceAllHaveItAndDroppedOnlyOnceNobodyNeedsIt() async throws {
    let (bench, _, both, new) = try await filled()
    let (oldID, newID) = (try bench.store.vault.currentKeyID, try new.vault.currentKeyID)
    let old = KeyBook(bench.store)
    #expect(try await old.report("a") == nil)
    try await KeyBook(both).meet()
    #expect(try await KeyBook(both).report("b") == nil)
    #expect(try await !KeyBook(both).activate(newID), "a has not got it")
    #expect(try await old.keys().first { $0.state == .active }?.id == oldID)
    try await old.leave("a")
    #expect(try await KeyBook(both).activate(newID))
    #expect(try await KeyBook(both).holders().map(\.sealing) == [oldID])
    #expect(try await !KeyBook(both).drop(oldID), "b still says that it seals with it")
    #expect(try await KeyBook(both).report("b") == nil)
    #expect(try await KeyBook(both).holders().map(\.sealing) == [newID])
    #expect(try await !KeyBook(both).drop(newID))
    #expect(try await KeyBook(both).drop(oldID))
    // One that comes back with the old key alone is told.
    #expect(try await old.report("a") == newID)
  }

  @Test func theFirstKeyOfAnOldDatabaseIsTheOneThatSealed() async throws {
    let bench = try await Bench()
    let stranger = Store(pool: bench.pool, vault: try Vault(keys: Self.newKey))
    // Nobody has noted a key yet, and something is sealed already.
    await #expect(throws: StoreError.self) { try await KeyBook(stranger).meet() }
    #expect(try await bench.count("secret_keys") == 0)
    try await KeyBook(bench.store).meet()
    #expect(try await KeyBook(bench.store).keys().map(\.state) == [.active])
  }
}

extension Store {
  /// Completes an order with a PIN as `Delivery` does.
  @LoopActor
  fileprivate func deliver(_ pin: Pin, order: Order, _ bench: Bench) async throws {
    var move = bench.move(order, to: .completed)
    move.sealedPin = try seal(pin, of: order.id)
    move.pinFingerprint = try fingerprint(of: pin)
    try await apply(move)
  }
}

extension Bench {
  /// Has a partner hold an order, with that code for the hand-over.
  fileprivate func handOver(_ code: String, of id: OrderID) async throws {
    guard let phone = PhoneNumber("+905551234567") else { return }
    let partner = try await Setup(store: store).addPartner(.init(tenant: "shop", name: "ali", phone: phone))
    _ = try await sql(
      """
      INSERT INTO fulfilments (order_id, attempt, reference, provider_id, version, flow, rule, when_nobody, accept_within_ms,
        handover, came_from, stage, partner_id, code)
      VALUES ($1::uuid, 1, 'r', $2, 3, 'pickup', 'all', 'held', 1, 'code', 'offered', 'accepted', $3, $4)
      """, .text(id.description), .int(provider), .int(partner),
      .bytea(try store.vault.seal(Array(code.utf8), context: "handover:\(id)")))
  }
}
