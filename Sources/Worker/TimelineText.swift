import Orders
import Service
import Store

/// The steps of an order's story in words.
enum TimelineText {
  static func line(_ step: TimelineStep) -> String {
    let time = step.time.dropFirst(5).dropLast().replacing("T", with: " ")
    switch step.kind {
    case .status(let status, let reason):
      return "\(time)  \(status.rawValue)" + (reason.map { ": \(ShownText.visible($0))" } ?? "")
    case .attempt(let number, let reference, let provider):
      return "\(time)    send \(number) to \(provider) under reference \(reference)"
    case .exchange(let exchange, _):
      let took = "\(exchange.duration.milliseconds) ms"
      let said: String
      if let error = exchange.error {
        said = "no answer after \(took): \(error)"
      } else {
        let text = String(decoding: exchange.reply, as: UTF8.self)
          .replacing("\r", with: "").replacing("\n", with: "⏎")
        let status = exchange.status.map { $0 == 200 ? "" : "HTTP \($0) " } ?? ""
        said = "answered after \(took): \(status)\(text.isEmpty ? "(nothing)" : ShownText.visible(text))"
      }
      return "\(time)    \(exchange.kind.rawValue) \(exchange.request)\n\(indent)\(said)"
    }
  }

  private static let indent = String(repeating: " ", count: 22)

  static func json(_ order: Order, _ steps: [TimelineStep], _ audits: [Audit]) -> String {
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
