internal import Cipher
public import EventLoop
public import Orders
internal import Postgres

/// Orders at desks: how far each is, whom it was offered to, who has it.
///
/// Reads for whoever shows them; what people say goes through `Fulfilments` in `OrderWork`, which decides by ``AfterPartner`` and
/// writes with ``write(_:over:doneWithin:code:)``.
@LoopActor
public struct FulfilmentStore {
  /// The name of the adapter that hands orders to them.
  public nonisolated static let adapter = "desk"

  private let store: Store
  public nonisolated init(_ store: Store) { self.store = store }

  /// What became of a send to a desk.
  public enum Handing: Sendable, Equatable {
    /// It is there, or was already.
    case there
    /// The send is not under way any more.
    case over
    /// Nobody said whom the provider offers orders to.
    case noDesk
  }

  /// An order at a desk as it was read in one look.
  public struct Loaded: Sendable {
    public let now: Fulfilment
    public let tenantID: Int64
    /// Of the order's sends.
    let attempt: Int
    /// When something of it was said last, in milliseconds of Unix time.
    public let changedAt: Int64
  }

  /// A partner's orders.
  public enum List: String, Sendable, CaseIterable {
    /// They may take them.
    case offered
    /// They have them.
    case mine
    /// They had them when they ended, or a person looks at them.
    case done
  }

  /// Hands a send to a desk; done again for the same send it changes nothing.
  public func hand(
    reference: String, provider: Int64, _ flow: Flow, _ handOver: HandOver
  ) async throws -> Handing {
    let row = try await store.pool.run(
      Statements.offerToDesk, [.text(reference), .int(provider), .text(flow.rawValue), .text(handOver.rawValue)]
    ).single()
    guard try row.bool(0) else { return .over }
    return try row.bool(1) ? .there : .noDesk
  }

  /// The order that a send to a desk is of: its status and stage; nil where the desk has nothing under the reference.
  public func send(of reference: String, provider: Int64) async throws -> (status: Status, stage: Stage)? {
    guard let row = try await store.pool.run(Statements.deskSend, [.text(reference), .int(provider)]).first,
      let status = Status(rawValue: try row.text(0)), let stage = Stage(rawValue: try row.text(1))
    else { return nil }
    return (status, stage)
  }

  /// An order at a desk; nil where it is at none, or has gone on to another provider.
  ///
  /// - Throws: ``StoreError/invalid(_:)`` for what a newer version wrote.
  public func load(_ id: OrderID) async throws -> Loaded? {
    let rows = try await store.pool.run(Statements.loadFulfilment, [.text(id.description)])
    guard let row = rows.first else { return nil }
    guard let status = Status(rawValue: try row.text(1)), let flow = Flow(rawValue: try row.text(3)),
      let rule = OfferRule(rawValue: try row.text(4)), let whenNobody = WhenNobody(rawValue: try row.text(5)),
      let handOver = HandOver(rawValue: try row.text(7)), let stage = Stage(rawValue: try row.text(8))
    else { throw StoreError.invalid("order \(id) is at a desk in a way that this version doesn't know") }
    var offers: [Fulfilment.Offer] = []
    var candidates: [Int64] = []
    var names: [Int64: String] = [:]
    for row in rows {
      guard let partner = try row.intOrNil(18) else { continue }
      names[partner] = try row.text(19)
      if try row.bool(20) { candidates.append(partner) }
      guard let state = try row.textOrNil(21).flatMap({ OfferState(rawValue: $0) }) else { continue }
      offers.append(
        try Fulfilment.Offer(
          partner, state, price: row.textOrNil(22).flatMap { Money(parsing: $0) }, note: row.textOrNil(23) ?? "",
          hasResponded: row.boolOrNil(24) ?? false, hasGivenUp: row.boolOrNil(25) ?? false))
    }
    let cancel = try row.textOrNil(10).flatMap { CancelRequest.Asker(rawValue: $0) }.map {
      CancelRequest(
        by: $0, who: try row.textOrNil(11) ?? "", note: try row.textOrNil(12) ?? "", at: try row.intOrNil(13))
    }
    let now = try Fulfilment(
      orderID: id, version: Int(row.int(0)), status: status, revision: Int(row.int(2)), flow: flow, rule: rule,
      whenNobody: whenNobody, acceptWithin: .milliseconds(row.int(6)), handOver: handOver, stage: stage,
      holder: row.intOrNil(9), offers: offers, candidates: candidates, cancel: cancel, tries: Int(row.int(14)),
      untilDeadline: row.intOrNil(15).map { .milliseconds($0) }, isRefundClaimed: row.bool(16), names: names,
      providerID: row.int(17))
    return Loaded(
      now: now, tenantID: try row.int(26), attempt: Int(try row.int(27)), changedAt: try row.int(28))
  }

  /// The code that the customer was given; nil where there is none, or none yet.
  ///
  /// - Throws: as `Store.vault`, and where the code was sealed with a key that this process has not.
  public func handOverCode(of loaded: Loaded) async throws -> String? {
    let id = loaded.now.orderID
    let rows = try await store.pool.run(
      Statements.handOverCode, [.text(id.description), .int(loaded.attempt), .int(loaded.now.holder)])
    guard let sealed = try rows.first?.bytesOrNil(0) else { return nil }
    return String(decoding: try store.vault.open(sealed, context: Self.context(id)), as: UTF8.self)
  }

  /// Writes what a word changes.
  ///
  /// - Parameters:
  ///   - doneWithin: by when whoever has it has to be done, where that begins now.
  ///   - code: for the hand-over, where a new one is made.
  /// - Returns: the order's version from then on; nil when somebody else's word was written meanwhile: then nothing was.
  public func write(
    _ change: FulfilmentChange, over loaded: Loaded, doneWithin: Duration, code: String?
  ) async throws -> Int? {
    let now = loaded.now
    let sealed = try code.map { try store.vault.seal(Array($0.utf8), context: Self.context(now.orderID)) }
    let deadline: Duration? =
      switch change.deadline {
      case .accept(let within): within
      case .done: doneWithin
      case .kept, .none: nil
      }
    let type = change.to == .sent ? Self.progressed : change.to == .pending ? nil : change.to.eventType
    let holderPrice = change.holder.flatMap { holder in
      (change.offers.first { $0.partner == holder } ?? now.offer(to: holder))?.price
    }
    let rows = try await store.pool.run(
      Statements.moveFulfilment,
      [
        .text(now.orderID.description), .int(now.version), .int(now.revision), .text(change.to.rawValue),
        .text(change.stage.rawValue), .int(change.holder), .bool(change.isTold), .text(change.reason.text),
        .text(change.reason.code?.rawValue), .text(type), .int(deadline?.milliseconds), .bool(change.deadline == .kept),
        .bytea(sealed), .int(change.tries), .text(change.cancel?.by.rawValue), .text(change.cancel?.who),
        .text(change.cancel?.note), .text(change.sendState?.rawValue), .text(holderPrice?.description),
        .intArray(change.offers.map(\.partner)), .textArray(change.offers.map(\.state.rawValue)),
        .textArray(change.offers.map(\.price?.description)), .textArray(change.offers.map(\.note)),
        .boolArray(change.offers.map(\.hasResponded)), .boolArray(change.offers.map(\.hasGivenUp)),
        .int(loaded.attempt),
      ])
    guard let row = rows.first else { return nil }
    if change.isTold {
      store.announceEvents()
      if change.to != .sent { store.onMove?(.sent, change.to) }
    }
    return Int(try row.int(0))
  }

  /// A partner's orders, newest first.
  ///
  /// - Parameter before: only older ones, for the next page.
  public func orders(of partner: Int64, _ list: List, before: OrderID? = nil, limit: Int) async throws -> [OrderID] {
    try await store.pool.run(
      Statements.partnerOrders,
      [.int(partner), .text(list.rawValue), .text(before?.description), .int(limit)]
    ).compactMap { OrderID(try $0.text(0)) }
  }

  /// The event of a change that leaves the order `sent`.
  public nonisolated static let progressed = "sevk.order.progressed"

  /// Bound to the order, so that no other's opens here.
  nonisolated static func context(_ id: OrderID) -> String { "handover:\(id)" }
}
