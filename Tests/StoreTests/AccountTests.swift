import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// A provider's account may become another one, and then nothing that was sent to the first is asked of the second.
@Suite(.timeLimit(.minutes(2))) struct AccountTests {
  @Test(arguments: [[Status.sending], [.sending, .sent], [.sending, .unresolved], [.sending, .held]])
  func itStaysWhileAnOrderIsThere(_ path: [Status]) async throws {
    let bench = try await Bench()
    var order = try await bench.order()
    for status in path {
      try await bench.store.apply(await bench.move(order, to: status))
      order = try await bench.load(order.id)
    }
    let old = try await bench.account()
    #expect(try await bench.change(old, toOtherAccount: true) == .ordersThere(1))
    #expect(try await bench.account().baseURL == old.baseURL)
    // The same account under another address, as a person says.
    #expect(try await bench.change(old, toOtherAccount: false) == .done)
    #expect(try await bench.account().accountEpoch == old.accountEpoch)
  }

  @Test func itChangesWhenNothingIsThere() async throws {
    let bench = try await Bench()
    _ = try await bench.order()
    _ = try await bench.order(.sending, .failed)
    let old = try await bench.account()
    #expect(try await bench.change(old, toOtherAccount: true) == .done)
    let new = try await bench.account()
    #expect(new.baseURL != old.baseURL && new.accountEpoch == old.accountEpoch + 1)
    // Who read it before writes nothing over it: neither the old address nor the old login comes back.
    #expect(try await bench.change(old, toOtherAccount: false) == .outdated)
    #expect(try await bench.account().accountEpoch == new.accountEpoch)
  }

  /// A process knows the account as it was up to two seconds ago.
  @Test func noSendBeginsUnderTheOldOne() async throws {
    let bench = try await Bench()
    let order = try await bench.order()
    let old = try await bench.account()
    #expect(try await bench.change(old, toOtherAccount: true) == .done)
    await #expect(throws: StoreError.conflict(order.id)) { try await bench.store.apply(await bench.intent(order, old)) }
    #expect(try await bench.load(order.id).status == .pending)
    #expect(try await bench.count("attempts") == 0)
    let new = try await bench.account()
    try await bench.store.apply(await bench.intent(order, new))
    let terms = try await bench.store.sendTerms(of: try await bench.load(order.id))
    #expect(terms?.isPinRequired == true && terms?.accountEpoch == new.accountEpoch)
  }

  /// Intents and a change at once, many times: either the change sees them, or they see the change.
  @Test func intentsAndAChangeExcludeEachOther() async throws {
    let bench = try await Bench(connectionsMax: 8)
    var changed = 0
    for _ in 0..<20 {
      let old = try await bench.account()
      var intents: [Transition] = []
      for _ in 0..<6 { intents.append(await bench.intent(try await bench.order(), old)) }
      let (store, all) = (bench.store, intents)
      async let change = bench.change(old, toOtherAccount: true)
      await withTaskGroup(of: Void.self) { group in
        for intent in all { group.addTask { _ = try? await store.apply(intent) } }
      }
      let begun = try await bench.count("orders", where: "status = 'sending'")
      if try await change == .done {
        changed += 1
        #expect(begun == 0, "an order is sent to an account that is gone")
      } else {
        #expect(begun > 0)
      }
      _ = try await bench.sql(
        "UPDATE orders SET came_from = status, status = 'failed', due_at = NULL WHERE status = 'sending'")
    }
    // Both have happened in every run so far; which of them is no matter of the promise.
    #expect(changed <= 20)
  }

  /// The control question compares with an order that the account surely has: another account's says nothing.
  @Test func anOrderOfAnotherAccountIsNoComparison() async throws {
    let bench = try await Bench()
    let order = try await bench.order()
    try await bench.store.apply(await bench.intent(order, try await bench.account()))
    var done = Transition(try await bench.load(order.id), to: .completed)
    done.sendState = .accepted
    try await bench.store.apply(done)
    #expect(try await bench.store.settledReference(provider: bench.provider) != nil)
    #expect(try await bench.change(try await bench.account(), toOtherAccount: true) == .done)
    #expect(try await bench.store.settledReference(provider: bench.provider) == nil)
  }

  /// Sends of programs from before have no terms.
  @Test func aSendWithoutTermsIsOfTheFirstAccount() async throws {
    let bench = try await Bench()
    let order = try await bench.order(.sending)
    let terms = try #require(await bench.store.sendTerms(of: order))
    #expect(terms.isPinRequired == nil && terms.accountEpoch == 1 && terms.providerOrderID == nil)
    #expect(try await bench.store.sendTerms(of: try await bench.order()) == nil)
  }
}

extension Bench {
  fileprivate func account() async throws -> Provider {
    guard let provider = try await Directory(store: store).provider(provider) else { throw Missing(id: .random()) }
    return provider
  }

  fileprivate func change(_ old: Provider, toOtherAccount: Bool) async throws -> Setup.ProviderChange {
    var new = Setup.NewProvider.sample(old.name)
    new.baseURL = "\(old.baseURL)0"
    return try await Setup(store: store).replaceProvider(new, over: old, toOtherAccount: toOtherAccount)
  }

  fileprivate func intent(_ order: Order, _ account: Provider) -> Transition {
    var intent = move(order, to: .sending)
    intent.terms = (true, account.accountEpoch)
    return intent
  }
}
