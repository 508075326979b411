import API
import CommandLine
import EventLoop
import HTTPServer
import OrderWork
import Orders
import Store
import Support
import Telemetry

/// What a shop, or whoever it lets, decides about an order that is under way: claims of refunds, questions to the provider
/// now, and a person's moves.
@LoopActor
struct OrderDecisions {
  private static let unnamed = "token"

  let sources: SupportSources
  /// For providers that set none of their own.
  let schedule: CheckSchedule
  let metrics: Metrics
  let fulfilments: Fulfilments
  let pages: PageLinks

  private var store: Store { sources.store }

  static func describe(_ metrics: Metrics) {
    metrics.describe("sevk_refund_claims_total", "counter", "Claims of refunds, by what they were answered")
  }

  // MARK: Refunds

  /// Answers whether a refund is safe, and sees to it that it stays so.
  func claim(_ text: String, _ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    _ = try Query(request)
    let id = try await find(text, grant).id
    guard var order = try await store.claimRefund(of: id, tenant: grant.tenantID, who: Self.who(grant)) else {
      throw Self.notFound(text)
    }
    // Whoever has it can be asked, other than a provider outside.
    let isAsked = try await ask(forCancelling: &order, grant, why: "it claimed the refund")
    let safety = order.refundSafety
    metrics.add("sevk_refund_claims_total", ["answer": safety.answer.rawValue])
    var object = JSONObjectText()
    object.add("id", order.id.description)
    object.add("status", order.status.rawValue)
    object.add("version", json: "\(order.version)")
    object.add("refund_safe", safety.answer.rawValue)
    object.add("evidence", json: OrderJSON.evidence(safety, version: order.version))
    object.add("reason", isAsked ? "the partner who has it is asked to cancel it" : Self.reason(order, safety))
    if isAsked { object.add("cancel_requested", json: "true") }
    object.add("refund_claimed_at", order.refundClaimedAt.map(Timestamp.rfc3339))
    return .json(object.end() + "\n", status: isAsked ? 202 : 200)
  }

  // MARK: Orders that people fulfil

  /// Cancels an order at a desk, or asks whoever has it.
  ///
  /// - Returns: nil for any other order.
  func cancel(_ text: String, _ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse? {
    _ = try Query(request)
    var order = try await find(text, grant)
    guard order.status == .sent, order.stage != nil else { return nil }
    let isAsked = try await ask(forCancelling: &order, grant, why: "")
    guard isAsked || order.status == .cancelled else { return nil }
    return .json(
      OrderJSON.text(
        order, currency: try await sources.directory.currency(of: order), pageURL: pages.url(of: order.id, for: grant),
        isSandbox: grant.isSandbox) + "\n",
      status: isAsked ? 202 : 200)
  }

  /// - Parameter order: as it is afterwards.
  /// - Returns: whether a partner has it and is asked.
  private func ask(forCancelling order: inout Order, _ grant: TokenGrant, why: String) async throws -> Bool {
    guard order.status == .sent, order.stage != nil else { return false }
    let wish = CancelRequest(by: .shop, who: Self.who(grant), note: why)
    let answer = try await fulfilments.cancel(order.id, wish, tenant: grant.tenantID)
    if let now = try await store.order(order.id) { order = now }
    guard case .done(let loaded) = answer else { return false }
    return loaded.now.status == .sent && loaded.now.cancel != nil
  }

  private static func reason(_ order: Order, _ safety: RefundSafety) -> String {
    switch safety.answer {
    case .yes: "\(safety.proof.words); from now on it can't be sent or completed"
    case .unknown:
      "\(safety.proof.words); the claim is kept: it is never sent again, and what proves that no provider has it"
        + " cancels it"
    case .no:
      switch order.status {
      case .sending: "\(safety.proof.words); if it proves not to have left, it is cancelled instead of sent again"
      case .sent: "\(safety.proof.words), and can't be asked to give it back; wait until it ends"
      default: safety.proof.words
      }
    }
  }

  // MARK: Asking now

  func ask(_ text: String, _ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    _ = try Query(request)
    let order = try await find(text, grant)
    let asking = AskNow(store: store, directory: sources.directory, broker: sources.broker)
    switch try await asking.ask(order) {
    case .asked:
      return .json(
        JSONText.object([
          "id": JSONText.quote(order.id.description), "status": JSONText.quote(order.status.rawValue),
          "version": "\(order.version)", "asked": "true",
        ]) + "\n", status: 202)
    case .tooSoon(let wait):
      throw Problem.tooMany("the provider was asked about this order a moment ago", wait)
    case .refused(let why):
      throw Problem(
        status: 409, title: "Conflict", detail: "there is nothing to ask the provider: \(why)", code: .notAskable)
    }
  }

  // MARK: A person's moves

  func moves(_ text: String, _ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    _ = try Query(request)
    let order = try await find(text, grant)
    let decision = PersonDecision(order, sends: try await store.sends(of: order.id))
    let takesTwo = try await decision.secondPerson(for: .notReceived, store) != nil
    let moves = decision.moves.map { move in
      JSONText.object([
        "move": JSONText.quote(move.choice.rawValue), "allowed": move.to == nil ? "false" : "true",
        "to": (move.to?.rawValue).map(JSONText.quote), "why_not": move.why.map(JSONText.quote),
        "means": JSONText.quote(move.choice.words),
        "needs_despite_acceptance": move.isDespiteAcceptance ? "true" : nil,
        "needs_second_person": takesTwo && move.choice == .notReceived ? "true" : nil,
      ])
    }
    return .json(
      JSONText.object([
        "id": JSONText.quote(order.id.description), "status": JSONText.quote(order.status.rawValue),
        "version": "\(order.version)", "moves": JSONText.array(moves),
      ]) + "\n", status: 200)
  }

  func resolve(_ text: String, _ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    _ = try Query(request)
    let order = try await find(text, grant)
    let wanted = try ResolveRequest(JSONValue.required(request.body))
    let decision = PersonDecision(order, sends: try await store.sends(of: order.id))
    if case .move = decision.verdict(wanted.choice), decision.speaksAgainstAcceptance(wanted.choice),
      !wanted.isDespiteAcceptance
    {
      throw Self.refused("the provider accepted its send; if it was cancelled there, add \"despite_acceptance\": true")
    }
    do {
      _ = try await decision.make(
        wanted.choice, pin: wanted.pin, who: Self.who(grant, by: wanted.by), person: Self.who(grant), note: wanted.note,
        schedule: schedule, sources)
    } catch let refusal as PersonDecision.Refusal {
      switch refusal {
      case .notAllowed(let why): throw Self.refused(why)
      case .pinGiven(let holder, let tenant, _):
        // A tenant learns nothing about the orders of another.
        let other = tenant == grant.tenantID ? "order \(holder)" : "another order"
        throw Self.refused("this is the PIN of \(other), which has it already; ask the provider for another one")
      case .secondNeeded(let why, let isNoted, let saidAt):
        throw Problem(
          status: 409, title: "Conflict",
          detail: "nothing was sent: \(why); "
            + (isNoted
              ? "noted, and now a token of another name has to ask for the same within a day"
              : "this token has asked for it already"
                + (saidAt.map { " at \(Timestamp.rfc3339($0))" } ?? "") + ", and one of another name has to"),
          code: .secondPersonNeeded)
      case .moved(let status, _):
        throw Self.refused("the order moved meanwhile and is now \(status?.rawValue ?? "gone"); look at it again")
      }
    }
    guard let now = try await store.order(order.id) else { throw Self.notFound(text) }
    return .json(
      OrderJSON.text(
        now, currency: try await sources.directory.currency(of: now), pageURL: pages.url(of: now.id, for: grant),
        isSandbox: grant.isSandbox) + "\n",
      status: 200)
  }

  // MARK: Parts

  private func find(_ text: String, _ grant: TokenGrant) async throws -> Order {
    guard let id = OrderID(text), let order = try await store.order(id), order.tenantID == grant.tenantID else {
      throw Self.notFound(text)
    }
    return order
  }

  private static func notFound(_ text: String) -> Problem {
    Problem(status: 404, title: "Not found", detail: "there is no order \(text)")
  }

  private static func refused(_ why: String) -> Problem {
    Problem(status: 409, title: "Conflict", detail: "nothing was changed: \(why)", code: .notResolvable)
  }

  /// For the audit row: the token's name, and whom it says that it acts for.
  static func who(_ grant: TokenGrant, by person: String? = nil) -> String {
    let token = grant.name.isEmpty ? "\(unnamed) \(grant.tokenID)" : grant.name
    let who = person.map { "\($0) (\(token))" } ?? token
    return String(who.unicodeScalars.prefix(PersonMove.whoCharactersMax).map(Character.init))
  }
}
