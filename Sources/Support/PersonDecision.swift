import CommandLine
public import EventLoop
import OrderWork
public import Orders
public import Store

/// What a person decides about an order: the one way by which the command line and the API move it.
@LoopActor
public struct PersonDecision {
  /// Why nothing was changed.
  public enum Refusal: Error, Sendable, Equatable {
    /// The facts don't allow it; the text says why, and what to do instead.
    case notAllowed(String)
    /// Another order has the PIN.
    case pinGiven(OrderID, tenant: Int64, reference: String?)
    /// The order moved meanwhile.
    case moved(Status?, reason: String?)
    /// A second person has to say the same; the text says why. `isNoted`: that this one said so was noted just now.
    /// `saidAt`: when this one had said so before, in milliseconds of Unix time.
    case secondNeeded(String, isNoted: Bool, saidAt: Int64?)
  }

  /// What a person may do, or why not.
  public struct Move: Sendable {
    public let choice: PersonChoice
    /// What it leads to; nil where it is not allowed.
    public let to: Status?
    /// Why it is not allowed.
    public let why: String?
    /// The provider accepted the send that it speaks against: saying so again is asked for.
    public let isDespiteAcceptance: Bool
  }

  public let order: Order
  public let sends: [Send]

  public nonisolated init(_ order: Order, sends: [Send]) {
    self.order = order
    self.sends = sends
  }

  public nonisolated func verdict(_ choice: PersonChoice) -> PersonChoice.Verdict {
    // What a person sees at the provider says nothing of a request that may still arrive.
    if order.status == .unresolved, let rest = order.sinceSend.map({ .zero - $0 }), rest > .zero {
      return .refused(
        "its send is being repeated under the same reference right now; look again in \(max(rest, .seconds(1)).inWords)"
      )
    }
    return choice.decide(order.status, sends: sends.map(\.state), isRefundClaimed: order.isRefundClaimed)
  }

  /// Every choice, in the order in which people read them.
  public nonisolated var moves: [Move] {
    PersonChoice.allCases.map { choice in
      switch verdict(choice) {
      case .move(let to, _):
        Move(choice: choice, to: to, why: nil, isDespiteAcceptance: speaksAgainstAcceptance(choice))
      case .sendNow: Move(choice: choice, to: order.status, why: nil, isDespiteAcceptance: false)
      case .refused(let why): Move(choice: choice, to: nil, why: why, isDespiteAcceptance: false)
      }
    }
  }

  /// Whether it would complete an order without the PIN that its route says the product has. None can be added later.
  public func lacksPin(_ choice: PersonChoice, _ pin: Pin? = nil, _ directory: Directory) async throws -> Bool {
    guard choice == .completed, pin == nil, !order.hasPin else { return false }
    let routes = try await directory.routes(tenant: order.tenantID, product: order.product)
    return (routes.first { $0.providerID == order.providerID } ?? routes.first)?.isPinRequired ?? false
  }

  /// Whether the choice says of a send that its provider accepted that it is not there.
  public nonisolated func speaksAgainstAcceptance(_ choice: PersonChoice) -> Bool {
    choice == .notReceived && sends.last?.wasAccepted ?? false
  }

  /// Writes the decision with its audit row, and plans what follows.
  ///
  /// - Parameters:
  ///   - pin: only of a completed one.
  ///   - person: with whom a second person is compared, where that is not `who`: of the API the token's name, whomever it
  ///     says that it acts for.
  ///   - schedule: for providers that set none of their own.
  /// - Returns: what the order is then, and whether Redis took its job.
  /// - Throws: ``Refusal`` when nothing was changed.
  public func make(
    _ choice: PersonChoice, pin: Pin? = nil, who: String, person: String? = nil, note: String,
    schedule base: CheckSchedule, _ sources: SupportSources
  ) async throws -> (to: Status, isPlanned: Bool) {
    let verdict = verdict(choice)
    if case .refused(let why) = verdict { throw Refusal.notAllowed(why) }
    let note = try await confirmed(choice, who: who, person: person ?? who, note: note, sources.store)
    var schedule = base
    if let id = order.providerID, let provider = try await sources.directory.provider(id) {
      schedule = provider.schedule(base)
    }
    // As for a check: what is no code may be the same for every order.
    let fingerprint = try pin.flatMap { $0.isCode ? try sources.store.fingerprint(of: $0) : nil }
    try await refuseGiven(fingerprint, sources.store)
    if let pin, pin.isCode {
      for print in try sources.store.earlierFingerprints(of: pin) { try await refuseGiven(print, sources.store) }
    }
    var to = order.status
    do {
      if case .move(let status, let sendState) = verdict {
        to = status
        var move = PersonMove(order, to: status, choice, who: who, note: note)
        move.sendState = sendState
        move.dueIn = Self.delay(to: status, schedule)
        move.sealedPin = try pin.map { try sources.store.seal($0, of: order.id) }
        move.pinFingerprint = fingerprint
        try await sources.store.apply(move)
      } else {
        try await sources.store.hurry(order, who: who, note: note)
      }
    } catch StoreError.conflict {
      try await refuseGiven(fingerprint, sources.store)
      let now = try await sources.store.order(order.id)
      throw Refusal.moved(now?.status, reason: now?.reason)
    }
    let isPlanned = await OrderJobPlanner.plan(
      order, to, flow: sources.directory.flow(order), after: Self.delay(to: to, schedule) ?? .zero, sources.broker)
    return (to, isPlanned)
  }

  /// Why the choice takes two people; nil where one is enough.
  @LoopActor
  public func secondPerson(for choice: PersonChoice, _ store: Store) async throws -> SecondPerson? {
    try await SecondPerson.needed(for: choice, of: self, store)
  }

  /// The note of who may decide, with who was the first where it took two.
  ///
  /// - Throws: ``Refusal/secondNeeded(_:isNoted:saidAt:)`` where this is the first of them.
  private func confirmed(
    _ choice: PersonChoice, who: String, person: String, note: String, _ store: Store
  ) async throws -> String {
    guard let need = try await secondPerson(for: choice, store) else { return note }
    var first = need.first
    if first == nil {
      if try await store.wantSecond(order, person: person, who: who, note: note) {
        throw Refusal.secondNeeded(need.words, isNoted: true, saidAt: nil)
      }
      // Somebody was faster, or the order moved.
      guard let now = try await store.order(order.id), now.version == order.version else {
        throw Refusal.moved(try await store.order(order.id)?.status, reason: nil)
      }
      first = try await store.secondAsk(of: order)
    }
    guard let first, !first.isBy(person) else {
      throw Refusal.secondNeeded(need.words, isNoted: false, saidAt: first?.milliseconds)
    }
    let whole = "\(note); the first of two was \(first.who): \(first.note)"
    return String(String.UnicodeScalarView(whole.unicodeScalars.prefix(PersonMove.noteCharactersMax)))
  }

  /// Two customers must not hold one code.
  ///
  /// - Parameter print: the PIN's; nil when there is nothing to compare.
  func refuseGiven(_ print: [UInt8]?, _ store: Store) async throws {
    guard let print, let holder = try await store.order(withPin: print), holder.id != order.id else { return }
    throw Refusal.pinGiven(holder.id, tenant: holder.tenantID, reference: holder.shopReference)
  }

  /// Until the next step of an order that a person moved; nil when there is none.
  private static func delay(to status: Status, _ schedule: CheckSchedule) -> Duration? {
    switch status.work {
    case .send: .zero
    case .check: schedule.first
    case nil: nil
    }
  }
}
