import CommandLine
import Orders
public import Store

/// An order's change event as CloudEvents 1.0 JSON. It never carries a PIN, nor what the customer entered.
public enum CloudEvent {
  public static func json(_ event: OutboxEvent) -> String {
    let trace = event.trace.flatMap { TraceContext(stored: $0) }
    return JSONText.object([
      "specversion": JSONText.quote("1.0"),
      "id": JSONText.quote("\(event.orderID)/\(event.version)"),
      "source": JSONText.quote("sevk/\(event.tenant)"),
      "type": JSONText.quote(event.type),
      "subject": JSONText.quote(event.orderID),
      "time": JSONText.quote(event.time),
      "sequence": JSONText.quote(sequence(event.version)),
      "datacontenttype": JSONText.quote("application/json"),
      "traceparent": (trace?.parent).map(JSONText.quote),
      "tracestate": trace.flatMap { $0.state.isEmpty ? nil : JSONText.quote($0.state) },
      "data": JSONText.object([
        "status": JSONText.quote(event.status), "product": JSONText.quote(event.product),
        "reference": event.shopReference.map(JSONText.quote), "provider": event.provider.map(JSONText.quote),
        "reason": event.reason.map(JSONText.quote),
        "reason_code": event.reasonCode.map(JSONText.quote), "version": "\(event.version)",
      ]),
    ])
  }

  private static let sequenceDigits = 10

  /// CloudEvents compares it as text, so all are equally long.
  private static func sequence(_ version: Int) -> String {
    let digits = String(version)
    return String(repeating: "0", count: max(0, sequenceDigits - digits.utf8.count)) + digits
  }
}
