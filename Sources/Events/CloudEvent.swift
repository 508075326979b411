import CommandLine
import Orders
public import Store

/// An order's change event, or an event for operators, as CloudEvents 1.0 JSON. It never carries a PIN, nor what the customer entered.
public enum CloudEvent {
  public static func json(_ event: OutboxEvent) -> String {
    if let notice = event.notice { return json(notice, event) }
    let safety = RefundSafety(status: event.status, code: event.reasonCode)
    let trace = event.trace.flatMap { TraceContext(stored: $0) }
    return JSONText.object([
      "specversion": JSONText.quote("1.0"),
      "id": JSONText.quote(event.name),
      "source": JSONText.quote("sevk/\(event.tenant)"),
      "type": JSONText.quote(event.type),
      "subject": JSONText.quote(event.orderID),
      "time": JSONText.quote(event.time),
      // Compared as text, so that 10 comes after 9.
      "sequence": JSONText.quote(sequence(event.version)),
      "datacontenttype": JSONText.quote("application/json"),
      "traceparent": (trace?.parent).map(JSONText.quote),
      "tracestate": trace.flatMap { $0.state.isEmpty ? nil : JSONText.quote($0.state) },
      "data": JSONText.object([
        "status": JSONText.quote(event.status), "product": JSONText.quote(event.product),
        "reference": event.shopReference.map(JSONText.quote), "provider": event.provider.map(JSONText.quote),
        "reason": event.reason.map(JSONText.quote),
        "reason_code": event.reasonCode.map(JSONText.quote),
        "sandbox": SandboxTenant.isOne(event.tenant) ? "true" : nil,
        "stage": event.stage.map(JSONText.quote),
        "version": "\(event.version)",
        "stars": event.stars.map { "\($0)" },
        "refund_safe": JSONText.quote(safety.answer.rawValue),
        "evidence": JSONText.object([
          "proof": JSONText.quote(safety.proof.rawValue), "text": JSONText.quote(safety.proof.words),
        ]),
      ]),
    ])
  }

  private static func json(_ notice: OutboxEvent.Notice, _ event: OutboxEvent) -> String {
    JSONText.object([
      "specversion": JSONText.quote("1.0"), "id": JSONText.quote(notice.name),
      "source": JSONText.quote("sevk/\(event.tenant)"), "type": JSONText.quote(event.type),
      "subject": JSONText.quote(notice.subject), "time": JSONText.quote(event.time),
      "sequence": JSONText.quote(sequence(event.version)), "datacontenttype": JSONText.quote("application/json"),
      "data": notice.data,
    ])
  }

  /// Digits of a sequence.
  private static let sequenceDigits = 10

  private static func sequence(_ version: Int) -> String {
    let digits = "\(version)"
    return String(repeating: "0", count: max(0, sequenceDigits - digits.count)) + digits
  }
}
