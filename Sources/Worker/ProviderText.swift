import EventLoop
import Orders
import Queue
import Service
import Store

/// A provider's limits and health in words.
@LoopActor
enum ProviderText {
  /// What holds up a pending order at its provider, as a sentence with a space before it; empty when nothing does or
  /// Redis does not answer.
  static func ofPending(_ order: Order, _ frame: ProcessFrame) async -> String {
    guard order.status == .pending,
      let route = try? await frame.directory.routes(tenant: order.tenantID, product: order.product).first,
      let provider = try? await frame.directory.provider(route.providerID)
    else { return "" }
    let limiter = ProviderLimiter(client: frame.redis)
    let state = try? await limiter.state(of: provider.id)
    // Without Redis there is no second wait for it.
    var cost: Int64?
    if state != nil { cost = try? await limiter.cost(of: "\(order.tenantID)/\(order.product)", at: provider.id) }
    return reason(provider, state, cost: cost).map { " \($0)" } ?? ""
  }

  /// Why sends to the provider wait now; nil when they go.
  static func reason(_ provider: Provider, _ state: ProviderState?, cost: Int64? = nil) -> String? {
    if let pausedAt = provider.pausedAt {
      return "\(provider.name) is paused by a person since \(Timestamp.rfc3339(pausedAt))"
        + (provider.pauseNote.map { " (\($0))" } ?? "") + "; worker provider resume \(provider.name) ends that."
    }
    guard let state else { return nil }
    switch Breaker.Mode(rawValue: state.mode) {
    case .open:
      return "\(provider.name) is closed for sends\(since(state)): \(state.why ?? "it did not answer")."
        + " It is probed again \(soon(state.untilProbe)), and opened when it answers."
    case .ramp:
      return "\(provider.name) was closed and is being tried again\(since(state)): \(state.limit) at once."
    case .closed, nil: break
    }
    if let cost, let balance = state.balance, balance < cost {
      return "The balance \(Money(tenThousandths: balance)) at \(provider.name) is below the last cost"
        + " \(Money(tenThousandths: cost)); it is looked at again \(soon(state.untilBalanceProbe))."
    }
    if state.slotsInUse >= provider.concurrencyMax {
      return "All \(provider.concurrencyMax) slots of \(provider.name) are in use."
    }
    return nil
  }

  static func show(_ provider: Provider, _ state: ProviderState) -> String {
    let balance = state.balance.map { Money(tenThousandths: $0) } ?? provider.balance
    let rows: [(String, String?)] = [
      ("provider", provider.name),
      ("adapter", provider.adapter),
      ("sends", reason(provider, state) ?? "go"),
      ("breaker", status(provider, state) + since(state)),
      ("why", state.why),
      ("slots", "\(state.slotsInUse) of \(provider.concurrencyMax) in use"),
      ("rate", provider.ratePerSecond.map { "\($0)/s" } ?? "no limit"),
      ("usual answer", state.usualTook.map { "after \($0.milliseconds) ms" }),
      ("line", state.lineLength > .zero ? "the last in line comes back in \(state.lineLength.milliseconds) ms" : nil),
      ("balance", balance.map { "\($0)\(state.balanceAge.map { ", reported \($0.inRoughWords) ago" } ?? "")" }),
      ("last error", state.lastError.map { "\($0)\(state.lastErrorAge.map { ", \($0.inRoughWords) ago" } ?? "")" }),
    ]
    return rows.compactMap { name, value in
      value.map { name + String(repeating: " ", count: max(1, 16 - name.count)) + $0 }
    }.joined(separator: "\n")
  }

  static func line(_ provider: Provider, _ state: ProviderState) -> String {
    let balance = state.balance.map { Money(tenThousandths: $0) } ?? provider.balance
    return "\(provider.name)  \(status(provider, state))  \(state.slotsInUse)/\(provider.concurrencyMax) slots"
      + (provider.ratePerSecond.map { "  \($0)/s" } ?? "") + (balance.map { "  balance \($0)" } ?? "")
  }

  static func json(_ provider: Provider, _ state: ProviderState) -> String {
    let balance = state.balance.map { Money(tenThousandths: $0) } ?? provider.balance
    return JSONText.object([
      "name": JSONText.quote(provider.name), "adapter": JSONText.quote(provider.adapter),
      "status": JSONText.quote(status(provider, state)),
      "paused_at": provider.pausedAt.map { JSONText.quote(Timestamp.rfc3339($0)) },
      "pause_note": provider.pauseNote.map(JSONText.quote), "why": state.why.map(JSONText.quote),
      "changed_ms_ago": state.sinceChange.map { "\($0.milliseconds)" },
      "next_probe_ms": state.mode == Breaker.Mode.open.rawValue ? "\(state.untilProbe.milliseconds)" : nil,
      "slots_in_use": "\(state.slotsInUse)", "concurrency": "\(provider.concurrencyMax)",
      "ramp_limit": state.mode == Breaker.Mode.ramp.rawValue ? "\(state.limit)" : nil,
      "rate_per_second": provider.ratePerSecond.map { "\($0)" },
      "usual_answer_ms": state.usualTook.map { "\($0.milliseconds)" },
      "line_ms": "\(state.lineLength.milliseconds)", "balance": balance.map { JSONText.quote($0.description) },
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
    state.sinceChange.map { " since \($0.inRoughWords)" } ?? ""
  }

  private static func soon(_ wait: Duration) -> String { wait > .zero ? "in \(wait.inRoughWords)" : "now" }
}

extension Duration {
  /// `950 ms`, `12 s`, `7 min`, `3 h`.
  fileprivate var inRoughWords: String {
    switch milliseconds / 1000 {
    case ..<1: "\(milliseconds) ms"
    case ..<120: "\(milliseconds / 1000) s"
    case ..<7200: "\(milliseconds / 60_000) min"
    default: "\(milliseconds / 3_600_000) h"
    }
  }
}
