import CommandLine
public import Store

/// Endpoints and deliveries as the API and `--json` show them.
public enum EndpointJSON {
  /// - Parameter secret: shown once, when it is new.
  public static func text(_ endpoint: EndpointRow, secret: [UInt8]? = nil) -> String {
    JSONText.object([
      "name": JSONText.quote(endpoint.name), "tenant": JSONText.quote(endpoint.tenant),
      "url": JSONText.quote(endpoint.url),
      "types": JSONText.array(endpoint.types.map { JSONText.quote($0) }),
      "rate": endpoint.ratePerSecond.map { JSONText.quote("\($0)/s") } ?? "null",
      "latest_only": "\(endpoint.latestOnly)", "sealed_to": endpoint.sealedTo.map { JSONText.quote($0) } ?? "null",
      "state": JSONText.quote(endpoint.health.condition.rawValue),
      "failing_for_seconds": endpoint.failingFor.map { "\($0.components.seconds)" },
      "held_for_seconds": endpoint.heldFor.map { "\($0.components.seconds)" },
      "waiting": "\(endpoint.waiting)",
      "previous_secret_seconds": endpoint.previousSecretFor.map { "\($0.components.seconds)" },
      "secret": secret.map { JSONText.quote(WebhookSecret.text($0)) },
      "created_at": JSONText.quote(endpoint.createdAt), "updated_at": JSONText.quote(endpoint.updatedAt),
    ])
  }

  /// - Parameter attempts: those that failed.
  public static func text(_ delivery: DeliveryRow, _ attempts: [DeliveryAttempt]) -> String {
    JSONText.object([
      "id": JSONText.quote("\(delivery.id)"), "event": JSONText.quote(delivery.eventID),
      "type": JSONText.quote(delivery.type), "order": JSONText.quote(delivery.orderID),
      "version": "\(delivery.orderVersion)", "position": "\(delivery.id.position)",
      "state": JSONText.quote(delivery.state.rawValue), "attempts": "\(delivery.attempts)",
      "next_at": delivery.nextAt.map { JSONText.quote($0) },
      "delivered_at": delivery.deliveredAt.map { JSONText.quote($0) },
      "applied_version": delivery.appliedVersion.map { "\($0)" }, "http_status": delivery.httpStatus.map { "\($0)" },
      "duration_ms": delivery.duration.map { "\(Int64($0 / .milliseconds(1)))" },
      "failures": JSONText.array(attempts.map(text)),
    ])
  }

  public static func text(_ attempt: DeliveryAttempt) -> String {
    JSONText.object([
      "at": JSONText.quote(attempt.at), "cause": JSONText.quote(attempt.cause), "error": JSONText.quote(attempt.error),
      "http_status": attempt.httpStatus.map { "\($0)" }, "duration_ms": "\(Int64(attempt.duration / .milliseconds(1)))",
      "answer": attempt.answer.map { JSONText.quote(String(decoding: $0, as: UTF8.self)) },
      "next_at": attempt.nextAt.map { JSONText.quote($0) },
    ])
  }
}
