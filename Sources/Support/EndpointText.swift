import CommandLine
import Store
import Orders
import Webhooks

/// Endpoints and deliveries as terminals show them.
enum EndpointText {
  static func table(_ endpoints: [EndpointRow]) -> TextTable {
    var table = TextTable([
      .init("TENANT"), .init("NAME"), .init("STATE"), .init("FOR"), .init("IN LINE", isRight: true), .init("URL"),
    ])
    for endpoint in endpoints {
      table.add([
        endpoint.tenant, endpoint.name, endpoint.health.condition.rawValue,
        (endpoint.failingFor ?? endpoint.slowFor).map(\.inWords) ?? "", waiting(endpoint), endpoint.url,
      ])
    }
    return table
  }

  static func show(_ endpoint: EndpointRow, _ rows: [DeliveryRow], _ failures: [Int64: [DeliveryAttempt]]) -> String {
    var lines = [
      "\(endpoint.tenant)/\(endpoint.name)  \(endpoint.health.condition.rawValue)", "posts to   \(endpoint.url)",
      "types      \(endpoint.types.joined(separator: ", "))", "in line    \(waiting(endpoint))",
    ]
    if let rate = endpoint.ratePerSecond { lines.append("rate       \(rate)/s") }
    if endpoint.latestOnly { lines.append("           only the latest version of each order") }
    if let key = endpoint.sealedTo { lines.append("PINs       sealed to \(key)") }
    if let held = endpoint.heldFor {
      lines.append("waits      for \(held.inWords) more, as the receiver asked (Retry-After)")
    }
    if let failing = endpoint.failingFor { lines.append("failing    for \(failing.inWords)") }
    if let previous = endpoint.previousSecretFor {
      lines.append("secret     the one before signs for \(previous.inWords) more")
    }
    for row in rows {
      lines.append("\(row.id)  \(row.type)  order \(row.orderID) version \(row.orderVersion)  \(text(row))")
      for attempt in failures[row.id.position] ?? [] {
        lines.append("    \(attempt.at)  \(attempt.cause): \(attempt.error)  \(attempt.duration.inWords)")
      }
    }
    return lines.joined(separator: "\n")
  }

  /// What became of a delivery.
  static func text(_ row: DeliveryRow) -> String {
    switch row.state {
    case .delivered:
      "delivered \(row.deliveredAt ?? "")" + (row.appliedVersion.map { ", applied version \($0)" } ?? "")
    case .waiting: row.attempts == 0 ? "in line" : "failed \(row.attempts) times, next \(row.nextAt ?? "")"
    case .dropped: "dropped for a newer version"
    case .kept: "kept after \(row.attempts) attempts"
    }
  }

  private static func waiting(_ endpoint: EndpointRow) -> String {
    endpoint.waiting >= EndpointRow.waitingMax ? "\(EndpointRow.waitingMax)+" : "\(endpoint.waiting)"
  }
}
