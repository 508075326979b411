import CommandLine
public import Orders
public import Store

/// The steps of an order's story in words.
public enum TimelineText {
  public static func line(_ step: TimelineStep) -> String {
    let (what, said) = words(step)
    let time = time(step.time)
    if case .status = step.kind { return ShownText.visible("\(time)  \(what)" + (said.map { ": \($0)" } ?? "")) }
    return line(time, what, said)
  }

  /// A question that was answered alike so many times in a row.
  static func line(_ step: TimelineStep, _ entry: Story.Entry) -> String {
    line(time(step.time), words(step).what, often(step, entry, time: time))
  }

  /// What an endpoint took.
  static func line(_ row: DeliveryRow, at: String) -> String {
    let applied = row.appliedVersion.map { ", and had applied version \($0)" } ?? ""
    return line(time(at), "\(row.endpoint) was told version \(row.orderVersion) (\(row.type))\(applied)", nil)
  }

  /// How often the same was answered, and what; and the longest pause in which nobody asked.
  ///
  /// - Parameter time: puts a moment, which is RFC 3339, into words.
  public static func often(_ step: TimelineStep, _ entry: Story.Entry, time: (String) -> String) -> String {
    let pause = entry.pause.map {
      " (the longest pause: \(Duration.milliseconds($0.milliseconds).inExactWords) from \(time($0.from)) on)"
    }
    return "asked \(entry.count) times until \(time(entry.until))\(pause ?? ""), always: \(answer(step) ?? "")"
  }

  /// `11-21 22:31:07 +03`.
  static func time(_ rfc3339: String) -> String {
    LocalTime.milliseconds(rfc3339: rfc3339).map(LocalTime.line) ?? rfc3339
  }

  private static func line(_ time: String, _ what: String, _ said: String?) -> String {
    let indent = String(repeating: " ", count: time.count + 6)
    return ShownText.visible("\(time)    \(what)") + (said.map { "\n\(indent)\(ShownText.visible($0))" } ?? "")
  }

  /// What happened, and the reason or what was said; without the time.
  public static func words(_ step: TimelineStep) -> (what: String, said: String?) {
    switch step.kind {
    case .status(let status, let reason):
      return (status.rawValue + (status == .sent ? step.stage.map { ", \($0.rawValue)" } ?? "" : ""), reason)
    case .send(let number, let reference, let provider):
      return (
        "send \(number) to \(provider) under reference \(reference)"
          + (step.providerOrderID.map { ", its own order \($0)" } ?? "")
          + (step.choice.map { ", \($0.words)" } ?? "")
          + (step.costOffCatalog.map { ", \(SendText.offCatalog($0))" } ?? ""),
        nil
      )
    case .exchange(let exchange, _):
      let how = exchange.error == nil ? "answered" : "no answer"
      return (
        "\(exchange.kind.rawValue) \(exchange.request)",
        "\(how) after \(exchange.duration.milliseconds) ms: \(answer(step) ?? "")"
      )
    case .pinShown: return ("the PIN was shown on the customer's page", nil)
    case .rated(let stars): return ("the customer gave \(stars) of 5 stars", nil)
    }
  }

  /// What was said on the wire, or what kept it from being said.
  private static func answer(_ step: TimelineStep) -> String? {
    guard case .exchange(let exchange, _) = step.kind else { return nil }
    if let error = exchange.error { return error }
    let text = String(decoding: exchange.reply, as: UTF8.self).replacing("\r", with: "").replacing("\n", with: "⏎")
    let status = exchange.status.map { $0 == 200 ? "" : "HTTP \($0) " } ?? ""
    return status + (text.isEmpty ? "(nothing)" : text)
  }

  public static func json(_ order: Order, _ steps: [TimelineStep], _ audits: [Audit], _ deliveries: [DeliveryRow] = [])
    -> String
  {
    JSONText.object([
      "id": JSONText.quote(order.id.description), "status": JSONText.quote(order.status.rawValue),
      "trace": JSONText.quote(order.traceID), "timeline": JSONText.array(steps.map(json)),
      "decisions": JSONText.array(audits.map(AuditText.json)),
      "deliveries": deliveries.isEmpty ? nil : JSONText.array(deliveries.map(json)),
    ])
  }

  private static func json(_ row: DeliveryRow) -> String {
    JSONText.object([
      "id": JSONText.quote("\(row.id)"), "endpoint": JSONText.quote(row.endpoint), "version": "\(row.orderVersion)",
      "type": JSONText.quote(row.type), "state": JSONText.quote(row.state.rawValue), "attempts": "\(row.attempts)",
      "delivered_at": row.deliveredAt.map(JSONText.quote), "next_at": row.nextAt.map(JSONText.quote),
      "applied_version": row.appliedVersion.map { "\($0)" },
    ])
  }

  private static func json(_ step: TimelineStep) -> String {
    switch step.kind {
    case .status(let status, let reason):
      JSONText.object([
        "time": JSONText.quote(step.time), "event": JSONText.quote("status"),
        "status": JSONText.quote(status.rawValue), "stage": (step.stage?.rawValue).map { JSONText.quote($0) },
        "reason": reason.map(JSONText.quote),
      ])
    case .send(let number, let reference, let provider):
      JSONText.object([
        "time": JSONText.quote(step.time), "event": JSONText.quote("attempt"), "attempt": "\(number)",
        "provider": JSONText.quote(provider), "provider_reference": JSONText.quote(reference),
        "provider_order_id": step.providerOrderID.map(JSONText.quote),
        "choice": step.choice.map { JSONText.quote($0.code) },
        "choice_words": step.choice.map { JSONText.quote($0.words) },
        "catalog_cost": step.costOffCatalog.map { JSONText.quote($0.catalog.description) },
      ])
    case .exchange(let exchange, let send):
      JSONText.object([
        "time": JSONText.quote(step.time), "event": JSONText.quote(exchange.kind.rawValue), "attempt": "\(send)",
        "request": JSONText.quote(exchange.request), "http_status": exchange.status.map { "\($0)" },
        "reply": exchange.error == nil ? JSONText.quote(String(decoding: exchange.reply, as: UTF8.self)) : nil,
        "error": exchange.error.map(JSONText.quote), "duration_ms": "\(exchange.duration.milliseconds)",
      ])
    case .pinShown: JSONText.object(["time": JSONText.quote(step.time), "event": JSONText.quote("pin_shown")])
    case .rated(let stars):
      JSONText.object(["time": JSONText.quote(step.time), "event": JSONText.quote("rated"), "stars": "\(stars)"])
    }
  }
}
