import EventLoop
import Foundation
import Kinds
import OrderWork
import Orders
import Postgres
import Queue
import Redis
import Store
import TestSupport
import Testing

@testable import Jobs

/// People fulfil orders, with the database that holds them to it: who has it, who may move it, and what becomes of one that nobody
/// takes.
@LoopActor @Suite(.timeLimit(.minutes(4))) struct FulfilmentsTests {
  @Test func aDeskFulfilsAnOrder() async throws {
    let bench = try await DeskBench(.init(acceptWithin: .seconds(900)), flow: .delivery, .code)
    let id = try await bench.sent()
    let sent = try await bench.now(id)
    #expect(sent.status == .sent && sent.stage == .offered)
    // What the customer wants of them is kept with the order.
    #expect(sent.fields["delivery_cost"] == "12.50" && sent.fields["address"] == "Elm 3")
    #expect(try await bench.load(id).offers.map(\.state) == [.offered, .offered, .offered])
    #expect(try await bench.say("ali", id, .accepted, expecting: sent.version) == "done accepted")
    let store = FulfilmentStore(bench.store)
    let loaded = try #require(try await store.load(id))
    let code = try #require(try await store.handOverCode(of: loaded))
    #expect(try await bench.say("veli", id, .accepted) == "refused it is already taken []")
    #expect(try await bench.say("veli", id, .preparing) == "not found")
    #expect(try await bench.say("ali", id, .preparing, expecting: sent.version) == "conflict \(loaded.now.version)")
    #expect(try await bench.say("ali", id, .started).hasPrefix("refused it is accepted"))
    #expect(try await bench.say("ali", id, .preparing, expecting: loaded.now.version) == "done preparing")
    #expect(try await bench.say("ali", id, .delivering) == "done delivering")
    #expect(try await bench.say("ali", id, .ready).hasPrefix("refused"))
    #expect(try await bench.say("ali", id, .completed).hasPrefix("refused the hand-over code"))
    #expect(try await bench.say("ali", id, .completed, code: "WRONGONE") == "wrong 4")
    #expect(try await bench.say("ali", id, .completed, code: code.lowercased()) == "done delivering")
    let done = try await bench.now(id)
    #expect(done.status == .completed && done.stage == .delivering && done.refundSafety.answer == .no)
    #expect(
      try await bench.events(id) == [
        "sevk.order.created -", "- -", "sevk.order.sent offered", "sevk.order.progressed accepted",
        "sevk.order.progressed preparing", "sevk.order.progressed delivering", "sevk.order.completed delivering",
      ])
    #expect(try await bench.sql("SELECT count(*) FROM unsettled_orders")[0].int(0) == 0)
    #expect(try await store.orders(of: bench.partner("ali"), .done, limit: 9) == [id])
    #expect(try await store.orders(of: bench.partner("veli"), .done, limit: 9) == [])
    // The code stands nowhere but sealed.
    for table in ["orders", "attempts", "events", "exchanges", "audits", "offers", "fulfilments"] {
      let found = try await bench.sql("SELECT count(*) FROM \(table) AS t WHERE t::text ILIKE '%\(code)%'")
      #expect(try found[0].int(0) == 0, "\(table)")
    }
    await bench.end()
  }

  @Test func ofManyWhoAcceptAtOnceOneHasIt() async throws {
    let bench = try await DeskBench()
    for _ in 0..<15 {
      let id = try await bench.sent()
      let answers = try await withThrowingTaskGroup(of: String.self) { group in
        for name in ["ali", "veli", "can"] {
          for _ in 0..<3 { group.addTask { try await bench.say(name, id, .accepted) } }
        }
        var all: [String] = []
        for try await answer in group { all.append(answer) }
        return all
      }
      // Whoever has it may say so again.
      #expect(answers.count { $0 == "done accepted" } == 3, "\(answers)")
      #expect(answers.count { $0.hasPrefix("refused it is already taken") } == 6, "\(answers)")
      let now = try await bench.load(id)
      #expect(now.offers.count { $0.state == .accepted } == 1 && now.offers.count { $0.state == .withdrawn } == 2)
      #expect(now.offer(to: now.holder ?? 0)?.state == .accepted)
      #expect(try await bench.events(id).count == 4)
    }
    await bench.end()
  }

  @Test func ofOneWordThatIsSaidOftenAtOnceOneIsWritten() async throws {
    let bench = try await DeskBench(flow: .pickup, .code)
    let id = try await bench.sent()
    _ = try await bench.say("ali", id, .accepted)
    // Guesses that come at once: five are answered, and then it is a person's.
    let answers = try await withThrowingTaskGroup(of: String.self) { group in
      for guess in 0..<12 { group.addTask { try await bench.say("ali", id, .completed, code: "AAAAAA\(10 + guess)") } }
      var all: [String] = []
      for try await answer in group { all.append(answer) }
      return all
    }
    #expect(answers.filter { $0.hasPrefix("wrong") }.sorted() == (0..<5).map { "wrong \($0)" }, "\(answers)")
    #expect(answers.count { $0 == "refused the order is held []" } == 7)
    let held = try await bench.now(id)
    #expect(held.status == .held && held.reasonCode == .handoverLocked && held.stage == .accepted)
    await bench.end()
  }

  @Test func whatIsGivenUpIsOfferedToTheOthersAgain() async throws {
    let bench = try await DeskBench(.init(rule: .choose))
    let id = try await bench.sent()
    #expect(
      try await bench.say("ali", id, .accepted, note: "soon", price: Money(tenThousandths: 100_000)) == "done offered")
    #expect(try await bench.say("veli", id, .accepted, price: Money(tenThousandths: 200_000)) == "done offered")
    let (ali, veli) = (bench.partner("ali"), bench.partner("veli"))
    guard case .done = try await bench.fulfilments.choose(ali, for: id, by: .customer, tenant: bench.tenant) else {
      Issue.record("it can't be chosen")
      return
    }
    #expect(try await bench.now(id).cost == Money(tenThousandths: 100_000))
    #expect(try await bench.say("ali", id, .cancelled, note: "no gas") == "done offered")
    let again = try await bench.load(id)
    #expect(again.offer(to: ali)?.state == .declined && again.offer(to: ali)?.hasGivenUp == true)
    #expect(again.offer(to: veli)?.state == .responded && again.offer(to: bench.partner("can"))?.state == .offered)
    let order = try await bench.now(id)
    #expect(order.reasonCode == .offeredAgain && order.reason?.contains("no gas") == true && order.cost == nil)
    #expect(try await bench.say("ali", id, .accepted) == "refused it is not offered to you any more []")
    guard case .notFound = try await bench.fulfilments.choose(veli, for: id, by: .shop, tenant: bench.tenant + 1) else {
      Issue.record("another tenant may choose")
      return
    }
    guard case .done = try await bench.fulfilments.choose(veli, for: id, by: .shop, tenant: bench.tenant) else {
      Issue.record("a former response does not count")
      return
    }
    #expect(try await bench.load(id).holder == veli)
    await bench.end()
  }

  @Test func oneAfterTheOtherIsAsked() async throws {
    let bench = try await DeskBench(.init(rule: .first, whenNobody: .failed))
    let id = try await bench.sent()
    #expect(try await bench.load(id).offers.map(\.partner) == [bench.partner("ali")])
    #expect(try await bench.say("veli", id, .accepted) == "not found")
    #expect(try await bench.say("ali", id, .declined) == "done offered")
    #expect(try await bench.load(id).offers.map(\.state) == [.declined, .offered])
    try await bench.letTimePass(id)
    guard case .snooze(let wait, carrying: _) = try await bench.check(id) else {
      Issue.record("nobody else is asked")
      return
    }
    #expect(wait > .seconds(890) && wait <= .seconds(900))
    #expect(try await bench.load(id).offers.map(\.state) == [.declined, .expired, .offered])
    try await bench.letTimePass(id)
    #expect(try await bench.check(id) == .completed)
    let order = try await bench.now(id)
    #expect(order.status == .failed && order.reasonCode == .nobodyAccepted && order.refundSafety.answer == .yes)
    await bench.end()
  }

  @Test(arguments: [(WhenNobody.next, Status.pending), (.failed, .failed), (.held, .held)])
  func nobodyInTime(_ rule: WhenNobody, _ status: Status) async throws {
    let bench = try await DeskBench(.init(whenNobody: rule), second: true)
    let id = try await bench.sent()
    // Before its time the check only waits, for exactly as long as the offer lasts.
    guard case .snooze(let wait, carrying: _) = try await bench.check(id) else {
      Issue.record("it does not wait")
      return
    }
    #expect(wait > .seconds(890) && wait <= .seconds(900))
    #expect(try await bench.now(id).untilDue ?? .zero > .seconds(890), "who rebuilds jobs knows as much")
    try await bench.letTimePass(id)
    #expect(try await bench.check(id) == .completed)
    let order = try await bench.now(id)
    #expect(order.status == status && order.reasonCode == .nobodyAccepted)
    #expect(try await bench.say("ali", id, .accepted).hasPrefix("refused the order is \(status.rawValue)"))
    switch status {
    case .pending:
      // The job of the next send is there, and the next desk has it; the first one never again.
      #expect(order.stage == nil)
      #expect(try await bench.broker.find("\(id)", in: .dispatch) != nil)
      _ = try await bench.dispatch(id)
      let now = try await bench.load(id)
      #expect(now.offers.map(\.partner) == [bench.partner("can")] && now.status == .sent)
      #expect(try await bench.say("ali", id, .accepted) == "not found")
      #expect(try await bench.say("can", id, .declined) == "done offered")
      let failed = try await bench.now(id)
      #expect(failed.status == .failed && failed.reason?.contains("no other route") == true)
    case .held:
      // A person may send it to the same desk again: it is proved that nothing was done.
      #expect(try await bench.store.sends(of: id).map(\.state) == [.notReceived])
      #expect(PersonChoice.retry.decide(.held, sends: [.notReceived]) == .move(to: .pending, sendState: nil))
    default:
      #expect(order.refundSafety.answer == .yes && order.refundSafety.proof == .notReceived)
    }
    await bench.end()
  }

  @Test func cancellationIsAskedForAndAgreedOrRefused() async throws {
    let bench = try await DeskBench()
    let wish = CancelRequest(by: .shop, who: "checkout", note: "the customer left")
    let free = try await bench.sent()
    guard case .done = try await bench.fulfilments.cancel(free, wish, tenant: bench.tenant) else {
      Issue.record("what nobody has can't be cancelled")
      return
    }
    #expect(try await bench.now(free).status == .cancelled)
    #expect(try await bench.say("ali", free, .accepted) == "refused the order is cancelled []")
    for (answer, status) in [(PartnerWord.Target.declined, Status.sent), (.cancelled, .cancelled)] {
      let id = try await bench.sent()
      _ = try await bench.say("ali", id, .accepted)
      guard case .notFound = try await bench.fulfilments.cancel(id, wish, tenant: bench.tenant + 1) else {
        Issue.record("another tenant may cancel")
        return
      }
      guard case .done(let asked) = try await bench.fulfilments.cancel(id, wish, tenant: bench.tenant) else {
        Issue.record("it can't be asked for")
        return
      }
      #expect(asked.now.cancel?.who == "checkout" && asked.now.status == .sent && asked.now.cancel?.at != nil)
      #expect(try await bench.now(id).reasonCode == .cancelRequested)
      #expect(try await bench.say("ali", id, answer) == "done accepted")
      let order = try await bench.now(id)
      #expect(order.status == status)
      #expect((try await bench.load(id).cancel == nil) == (status == .sent))
      if status == .cancelled { #expect(order.reasonCode == .cancelAgreed && order.refundSafety.answer == .yes) }
    }
    await bench.end()
  }

  @Test func aClaimedRefundIsNotOfferedToOthers() async throws {
    let bench = try await DeskBench(second: true)
    let id = try await bench.sent()
    _ = try await bench.say("ali", id, .accepted)
    _ = try await bench.store.claimRefund(of: id, tenant: bench.tenant, who: "shop")
    #expect(try await bench.say("ali", id, .cancelled) == "done offered")
    let order = try await bench.now(id)
    #expect(order.status == .cancelled && order.refundSafety.answer == .yes)
    await bench.end()
  }

  /// Whoever sends dies between handing over and noting it: the desk is asked, and the order is there once.
  @Test func whatWasHandedOverBySomebodyWhoDiedIsFound() async throws {
    let bench = try await DeskBench()
    for handed in [true, false] {
      let id = try await bench.order()
      var intent = Transition(try await bench.now(id), to: .sending)
      let provider = try #require(try await bench.directory.providers().first?.id)
      intent.send = (provider, "123456789012345678" + (handed ? "" : "9"))
      intent.dueIn = .zero
      let sending = try await bench.store.apply(intent)
      let store = FulfilmentStore(bench.store)
      if handed {
        for _ in 0..<2 {
          #expect(
            try await store.hand(reference: sending.sendReference ?? "", provider: provider, .pickup, .none)
              == .there)
        }
      }
      // Nobody may take what is not sent yet.
      if handed { #expect(try await bench.say("ali", id, .accepted) == "refused the order is sending []") }
      _ = try await bench.dispatch(id)
      #expect(try await bench.now(id).status == .unresolved)
      for _ in 0..<4 where try await bench.now(id).status == .unresolved {
        _ = try await bench.sql(
          "UPDATE orders SET due_at = now(), sent_at = now() - interval '1 hour' WHERE id = '\(id)'")
        _ = try await bench.check(id)
      }
      #expect(try await bench.now(id).status == (handed ? .sent : .pending))
      // A send that is over hands nothing to anybody.
      #expect(try await store.hand(reference: sending.sendReference ?? "", provider: provider, .pickup, .none) == .over)
      #expect(try await bench.sql("SELECT count(*) FROM offers WHERE order_id = '\(id)'")[0].int(0) == (handed ? 3 : 0))
    }
    await bench.end()
  }

  @Test func redisMayBeLostWhileItIsOffered() async throws {
    let bench = try await DeskBench(.init(acceptWithin: .seconds(3600)))
    let id = try await bench.sent()
    _ = try await bench.check(id)
    _ = try await bench.client.command("FLUSHALL")
    let reconciler = Reconciler(bench.tools, broker: bench.broker, lease: .seconds(30))
    #expect(try await reconciler.reconcile() == 1)
    let job = try #require(try await bench.broker.find("\(id)", in: .check))
    #expect(job.state == .delayed)
    // It is not taken for overdue, nor for one of a clock that was wrong.
    #expect(try await reconciler.reconcile() == 0 && reconciler.revived == 0)
    // A word that ends it takes its job away; one that needs an earlier look brings it forward.
    _ = try await bench.say("ali", id, .accepted)
    #expect(try await bench.broker.find("\(id)", in: .check) != nil)
    _ = try await bench.say("ali", id, .completed)
    #expect(try await bench.broker.find("\(id)", in: .check) == nil)
    await bench.end()
  }

  @Test func itsTimeIsUpWhileSomebodyHasIt() async throws {
    let bench = try await DeskBench(deadline: .seconds(7200))
    let id = try await bench.sent()
    _ = try await bench.say("ali", id, .accepted)
    guard case .snooze(let wait, carrying: _) = try await bench.check(id) else {
      Issue.record("it does not wait")
      return
    }
    #expect(wait > .seconds(7100) && wait <= .seconds(7200))
    try await bench.letTimePass(id)
    #expect(try await bench.check(id) == .completed)
    let held = try await bench.now(id)
    #expect(held.status == .held && held.reasonCode == .noFinalAnswer && held.reason?.contains("ali") == true)
    // A person says that ali is at it: it goes on with them, from now on.
    var move = PersonMove(held, to: .sent, .received, who: "me", note: "called ali")
    move.dueIn = .zero
    move.sendState = .accepted
    try await bench.store.apply(move)
    guard case .snooze(let again, carrying: _) = try await bench.check(id) else {
      Issue.record("it does not wait")
      return
    }
    #expect(again > .seconds(7100))
    #expect(try await bench.say("ali", id, .completed) == "done accepted")
    #expect(try await bench.now(id).status == .completed)
    await bench.end()
  }

  @Test func nobodyIsThere() async throws {
    let bench = try await DeskBench(.init(whenNobody: .failed))
    _ = try await bench.sql("UPDATE partners SET state = 'away'")
    let id = try await bench.sent()
    #expect(try await bench.check(id) == .completed)
    #expect(try await bench.now(id).status == .failed)
    await bench.end()
  }
}
