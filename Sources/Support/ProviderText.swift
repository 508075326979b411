import CommandLine
public import EventLoop
import OrderWork
public import Orders
public import ProviderGate
import Queue
public import Store

/// A provider's limits and health in words.
@LoopActor
public enum ProviderText {
  /// Why an open order's provider takes nothing now; empty when it does.
  public static func hindrances(_ order: Order, _ sources: SupportSources, hasRedis: Bool) async throws -> [Hindrance] {
    let isSend = order.status == .pending
    var id = order.providerID
    var found: RouteFinder.Found?
    if isSend {
      // Where it goes next, which is not always where it was last.
      found = try await RouteFinder(
        store: sources.store, directory: sources.directory, outlooks: ShownOutlooks(sources)
      ).next(for: order)
      id = found?.route.providerID
    }
    guard let id, let provider = try await sources.directory.provider(id) else { return [] }
    if let found, found.isTooDear { return [RouteText.tooDear(found, provider)] }
    let limiter = ProviderLimiter(client: sources.redis)
    let state = hasRedis ? try? await limiter.state(of: provider.id) : nil
    guard isSend else {
      // What a provider has is asked about while it is paused, but not while it is down.
      let down = hindrances(provider, state).filter { $0.kind == .providerDown }.map {
        Hindrance(kind: $0.kind, text: $0.text + " Questions about its orders wait as well.")
      }
      guard down.isEmpty, state != nil, let why = try? await limiter.slowQuestions(of: provider.id) else { return down }
      return [
        Hindrance(
          kind: .questionsSlowed,
          text:
            "\(provider.name) does not answer questions (\(ShownText.visible(why))), so they are asked one at a time, at"
            + " the latest every \(QuestionBreaker.pauseMax.inWords), until one is answered.")
      ]
    }
    var price: ProviderPrice?
    if state != nil {
      price = try? await limiter.price(tenant: order.tenantID, product: order.product, at: provider.id, sources.store)
    }
    var list = await empty(provider, order, sources) + hindrances(provider, state, price: price)
    if let found, let rest = RouteText.elsewhere(found, provider), let first = list.first, !first.isOnlySlow {
      list[0] = Hindrance(kind: first.kind, text: first.text + " " + rest)
    }
    return list
  }

  private static func empty(_ provider: Provider, _ order: Order, _ sources: SupportSources) async -> [Hindrance] {
    let shelf = StockShelf(sources.store, sources.directory)
    guard
      let product = await shelf.lack(
        at: provider, tenant: order.tenantID, product: order.product, count: order.quantity)
    else { return [] }
    let lack = order.quantity == 1 ? "No code of \(product) is" : "Fewer than \(order.quantity) codes of \(product) are"
    return [
      Hindrance(
        kind: .stock,
        text: "\(lack) in stock at \(provider.name); it goes within seconds of: worker stock add \(product) --file FILE"
      )
    ]
  }

  /// The first of ``hindrances(_:_:price:)``, of those that hold an order up by themselves if there are; nil when sends go.
  public static func hindrance(
    _ provider: Provider, _ state: ProviderState?, price: ProviderPrice? = nil
  ) -> Hindrance? {
    let found = hindrances(provider, state, price: price)
    return found.first { $0.kind != .providerRecovering } ?? found.first
  }

  /// Why sends to the provider wait now, each with what ends it; empty when they go.
  public static func hindrances(
    _ provider: Provider, _ state: ProviderState?, price: ProviderPrice? = nil
  ) -> [Hindrance] {
    let name = provider.name
    var found: [Hindrance] = []
    if let pausedAt = provider.pausedAt {
      found.append(
        Hindrance(
          kind: .providerPaused,
          text: "A person paused \(name) at \(LocalTime.minute(pausedAt, now: LocalTime.now))"
            + (provider.pauseNote.map { " (\(ShownText.visible($0)))" } ?? "")
            + "; worker provider resume \(name) ends that."))
    }
    guard let state else { return found }
    switch Breaker.Mode(rawValue: state.mode) {
    case .open: found.append(Hindrance(kind: .providerDown, text: closed(name, state)))
    case .ramp:
      found.append(
        Hindrance(
          kind: .providerRecovering,
          text: "\(name) is recovering after an outage; sends have gone again\(lasting(state)), \(state.limit) at once."
        ))
    case .closed, nil: break
    }
    if let price, price.isTooMuch(for: state.balance) {
      found.append(Hindrance(kind: .balance, text: short(name, state, price)))
    }
    return found.isEmpty ? busy(provider, state) : found
  }

  /// Closed by its own doing, or since it refuses the account.
  private static func closed(_ name: String, _ state: ProviderState) -> String {
    let probed = "It is probed again \(soon(state.untilProbe)), and opened when"
    guard let trouble = state.trouble.flatMap({ Breaker.Trouble(rawValue: $0) }) else {
      return "\(name) has been down and closed for sends\(lasting(state)): \(state.why ?? "it did not answer")."
        + " \(probed) it answers."
    }
    let end =
      switch trouble {
      case .access: "its login, address and permission work; dispatcher provider test \(name) shows whether they do."
      case .balance: "it tells its balance; pay in at \(name)."
      }
    return "\(name) has been closed for sends\(lasting(state)): \(state.why ?? trouble.words). \(probed) \(end)"
  }

  private static func short(_ name: String, _ state: ProviderState, _ price: ProviderPrice) -> String {
    let balance = state.balance ?? 0
    let there = "The balance \(Money(tenThousandths: balance)) at \(name)"
    let again = "it is looked at again \(soon(state.untilBalanceProbe))."
    if let cost = price.cost, balance < cost {
      return "\(there) is below the last cost \(Money(tenThousandths: cost)); \(again)"
    }
    return "\(there) is too low, as \(name) said; \(again)"
  }

  /// Nothing is wrong, but others come first.
  private static func busy(_ provider: Provider, _ state: ProviderState) -> [Hindrance] {
    let name = provider.name
    if state.slotsInUse >= provider.concurrencyMax {
      return [
        Hindrance(
          kind: .slots,
          text: "All \(provider.concurrencyMax) slots of \(name) are in use\(usual(state)); dispatcher provider"
            + " set --concurrency changes how many there are.")
      ]
    }
    if let rate = provider.ratePerSecond, state.lineLength > .zero {
      return [
        Hindrance(
          kind: .rate,
          text: "\(name) takes \(rate) a second, and those who wait are through \(soon(state.lineLength));"
            + " dispatcher provider set --rate changes that.")
      ]
    }
    return []
  }

  private static func lasting(_ state: ProviderState) -> String {
    state.sinceChange.map { $0 < .seconds(1) ? " for less than a second" : " for \($0.inRoughWords)" } ?? ""
  }

  private static func usual(_ state: ProviderState) -> String {
    state.usualTook.map { ", each for \($0.inRoughWords) or so" } ?? ""
  }

  public static func show(_ provider: Provider, _ state: ProviderState) -> String {
    FieldList.text(facts(provider, state))
  }

  /// A provider in full, for people: a name and a value each.
  public static func facts(_ provider: Provider, _ state: ProviderState) -> [(String, String)] {
    let balance = state.balance.map { Money(tenThousandths: $0) } ?? provider.balance
    let rows: [(String, String?)] = [
      ("provider", provider.name),
      ("adapter", provider.adapter),
      ("sends", hindrance(provider, state)?.text ?? "go"),
      ("breaker", status(provider, state) + since(state)),
      ("why", state.why),
      ("account", state.trouble.flatMap { Breaker.Trouble(rawValue: $0) }?.words),
      ("slots", "\(state.slotsInUse) of \(provider.concurrencyMax) in use"),
      ("rate", provider.ratePerSecond.map { "\($0)/s" } ?? "no limit"),
      ("usual answer", state.usualTook.map { "after \($0.milliseconds) ms" }),
      ("line", state.lineLength > .zero ? "the last in line comes back in \(state.lineLength.milliseconds) ms" : nil),
      ("balance", balance.map { "\($0)\(state.balanceAge.map { ", reported \($0.inRoughWords) ago" } ?? "")" }),
      (
        "second person",
        provider.secondPersonAbove.map {
          "needed to send again, for more than \($0)\(provider.currency.map { " \($0)" } ?? ""), what it may have"
        }
      ),
      ("last error", state.lastError.map { "\($0)\(state.lastErrorAge.map { ", \($0.inRoughWords) ago" } ?? "")" }),
    ]
    return rows.compactMap { name, value in value.map { (name, $0) } }
  }

  /// Over the cells of ``row(_:_:_:)``.
  public static let titles = ["PROVIDER", "STATE", "SINCE", "SLOTS", "RATE", "BALANCE", "NOTE"]

  public static func row(
    _ provider: Provider, _ state: ProviderState, _ shortage: ProviderWaits.Shortage?
  ) -> [String] {
    let balance = state.balance.map { Money(tenThousandths: $0) } ?? provider.balance
    let status = status(provider, state)
    let now = LocalTime.now
    let since = provider.pausedAt ?? (status == "working" ? nil : state.sinceChange.map { now - $0.milliseconds })
    var notes: [String] = []
    switch status {
    case "paused": notes.append(provider.pauseNote ?? "by a person")
    case "down": notes.append("\(state.why ?? "it did not answer"); probed again \(soon(state.untilProbe))")
    case "recovering": notes.append("\(state.limit) at once at first")
    default: break
    }
    if let shortage {
      let orders = shortage.orders == 1 ? "1 waiting order" : "\(shortage.orders) waiting orders"
      notes.append(
        "short of money for \(orders): \(shortage.cost.map { "one costs \($0)" } ?? "it says so itself")")
    }
    return [
      provider.name, status, since.map { LocalTime.minute($0, now: now) } ?? "",
      "\(state.slotsInUse)/\(provider.concurrencyMax)", provider.ratePerSecond.map { "\($0)/s" } ?? "",
      balance?.description ?? "", notes.joined(separator: "; "),
    ]
  }

  public static func json(
    _ provider: Provider, _ state: ProviderState, _ shortage: ProviderWaits.Shortage? = nil
  ) -> String {
    let balance = state.balance.map { Money(tenThousandths: $0) } ?? provider.balance
    return JSONText.object([
      "name": JSONText.quote(provider.name), "adapter": JSONText.quote(provider.adapter),
      "status": JSONText.quote(status(provider, state)),
      "paused_at": provider.pausedAt.map { JSONText.quote(Timestamp.rfc3339($0)) },
      "pause_note": provider.pauseNote.map(JSONText.quote), "why": state.why.map(JSONText.quote),
      "account_trouble": state.trouble.map(JSONText.quote),
      "changed_ms_ago": state.sinceChange.map { "\($0.milliseconds)" },
      "next_probe_ms": state.mode == Breaker.Mode.open.rawValue ? "\(state.untilProbe.milliseconds)" : nil,
      "slots_in_use": "\(state.slotsInUse)", "concurrency": "\(provider.concurrencyMax)",
      "ramp_limit": state.mode == Breaker.Mode.ramp.rawValue ? "\(state.limit)" : nil,
      "rate_per_second": provider.ratePerSecond.map { "\($0)" },
      "usual_answer_ms": state.usualTook.map { "\($0.milliseconds)" },
      "line_ms": "\(state.lineLength.milliseconds)", "balance": balance.map { JSONText.quote($0.description) },
      "waiting_for_money": shortage.map { "\($0.orders)" },
      "second_person_above": provider.secondPersonAbove.map { JSONText.quote($0.description) },
      "balance_ms_ago": state.balanceAge.map { "\($0.milliseconds)" },
      "last_error": state.lastError.map(JSONText.quote),
      "last_error_ms_ago": state.lastErrorAge.map { "\($0.milliseconds)" },
    ])
  }

  /// `open for sends` is `closed` in the language of breakers, which no one outside electricity reads right.
  private static func status(_ provider: Provider, _ state: ProviderState) -> String {
    if provider.pausedAt != nil { return "paused" }
    return switch Breaker.Mode(rawValue: state.mode) {
    case .open: "down"
    case .ramp: "recovering"
    case .closed, nil: "working"
    }
  }

  private static func since(_ state: ProviderState) -> String {
    state.sinceChange.map { " for \($0.inRoughWords)" } ?? ""
  }

  private static func soon(_ wait: Duration) -> String { wait.untilWords }
}
