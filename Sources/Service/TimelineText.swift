public import Orders
public import Store

/// The steps of an order's story in words.
public enum TimelineText {
  public static func line(_ step: TimelineStep) -> String {
    let time = step.time.dropFirst(5).dropLast().replacing("T", with: " ")
    let (what, said) = words(step)
    if case .status = step.kind { return ShownText.visible("\(time)  \(what)" + (said.map { ": \($0)" } ?? "")) }
    return ShownText.visible("\(time)    \(what)") + (said.map { "\n\(indent)\(ShownText.visible($0))" } ?? "")
  }

  /// What happened, and the reason or what was said; without the time.
  public static func words(_ step: TimelineStep) -> (what: String, said: String?) {
    switch step.kind {
    case .status(let status, let reason): return (status.rawValue, reason)
    case .attempt(let number, let reference, let provider):
      return ("send \(number) to \(provider) under reference \(reference)", nil)
    case .exchange(let exchange, _):
      let took = "\(exchange.duration.milliseconds) ms"
      let said: String
      if let error = exchange.error {
        said = "no answer after \(took): \(error)"
      } else {
        let text = String(decoding: exchange.reply, as: UTF8.self)
          .replacing("\r", with: "").replacing("\n", with: "⏎")
        let status = exchange.status.map { $0 == 200 ? "" : "HTTP \($0) " } ?? ""
        said = "answered after \(took): \(status)\(text.isEmpty ? "(nothing)" : text)"
      }
      return ("\(exchange.kind.rawValue) \(exchange.request)", said)
    }
  }

  private static let indent = String(repeating: " ", count: 22)

  public static func json(_ order: Order, _ steps: [TimelineStep], _ audits: [Audit]) -> String {
    JSONText.object([
      "id": JSONText.quote(order.id.description), "status": JSONText.quote(order.status.rawValue),
      "trace": JSONText.quote(order.traceID), "timeline": JSONText.array(steps.map(json)),
      "decisions": JSONText.array(audits.map(AuditText.json)),
    ])
  }

  private static func json(_ step: TimelineStep) -> String {
    switch step.kind {
    case .status(let status, let reason):
      JSONText.object([
        "time": JSONText.quote(step.time), "event": JSONText.quote("status"),
        "status": JSONText.quote(status.rawValue), "reason": reason.map(JSONText.quote),
      ])
    case .attempt(let number, let reference, let provider):
      JSONText.object([
        "time": JSONText.quote(step.time), "event": JSONText.quote("attempt"), "attempt": "\(number)",
        "provider": JSONText.quote(provider), "provider_reference": JSONText.quote(reference),
      ])
    case .exchange(let exchange, let attempt):
      JSONText.object([
        "time": JSONText.quote(step.time), "event": JSONText.quote(exchange.kind.rawValue), "attempt": "\(attempt)",
        "request": JSONText.quote(exchange.request), "http_status": exchange.status.map { "\($0)" },
        "reply": exchange.error == nil ? JSONText.quote(String(decoding: exchange.reply, as: UTF8.self)) : nil,
        "error": exchange.error.map(JSONText.quote), "duration_ms": "\(exchange.duration.milliseconds)",
      ])
    }
  }
}
