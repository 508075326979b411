import CommandLine
import Orders
public import Store

/// What one endpoint was told of an order, and what its receiver says it has made of it.
public struct Told: Sendable, Equatable {
  public let endpoint: String
  /// The newest version of the order that was delivered.
  public private(set) var version: Int64?
  /// When that was; RFC 3339.
  public private(set) var at: String?
  /// The newest that the receiver says it has applied.
  public private(set) var applied: Int64?
  /// The oldest version that is in line, how often it failed, and when it is tried next.
  var waiting: (version: Int64, attempts: Int, nextAt: String?)?
  /// Versions that are posted only when somebody asks for it.
  var kept = 0

  public static func == (a: Told, b: Told) -> Bool { a.text == b.text }

  /// One for each endpoint.
  public static func read(_ rows: [DeliveryRow]) -> [Told] {
    var all: [Told] = []
    for row in rows {
      if all.last?.endpoint != row.endpoint { all.append(Told(endpoint: row.endpoint)) }
      let last = all.count - 1
      switch row.state {
      case .delivered:
        if row.orderVersion >= all[last].version ?? 0 { all[last].at = row.deliveredAt }
        all[last].version = max(all[last].version ?? 0, row.orderVersion)
        if let applied = row.appliedVersion { all[last].applied = max(all[last].applied ?? 0, applied) }
      case .waiting:
        if all[last].waiting == nil { all[last].waiting = (row.orderVersion, row.attempts, row.nextAt) }
      case .kept: all[last].kept += 1
      case .dropped: break
      }
    }
    return all
  }

  /// Whether it lacks nothing that it is to be told.
  public var isUpToDate: Bool { waiting == nil && kept == 0 }
  /// When what it lacks is tried next, if it was tried before; RFC 3339.
  public var nextAt: String? { waiting.flatMap { $0.attempts > 0 ? $0.nextAt : nil } }

  /// What is still to come, or comes only when somebody asks for it.
  public var state: String {
    var parts: [String] = []
    if let waiting {
      parts.append(
        "version \(waiting.version) " + (waiting.attempts == 0 ? "in line" : "failed \(waiting.attempts) times"))
    }
    if kept > 0 { parts.append("\(kept) kept") }
    return parts.isEmpty ? "has all" : parts.joined(separator: ", ")
  }

  var text: String {
    var parts: [String] = []
    switch (version, applied) {
    case (let version?, let applied?) where applied < version:
      parts.append("told version \(version), applied \(applied)")
    case (let version?, _?): parts.append("told version \(version) and applied it")
    case (let version?, nil): parts.append("told version \(version)")
    case (nil, _): parts.append("told nothing yet")
    }
    if let waiting {
      let failed =
        waiting.attempts == 0 ? "is in line" : "failed \(waiting.attempts) times, next \(waiting.nextAt ?? "")"
      parts.append("version \(waiting.version) \(failed)")
    }
    if kept > 0 { parts.append("\(kept) kept: worker endpoint replay \(endpoint)") }
    return "\(endpoint): " + parts.joined(separator: "; ")
  }

  var json: String {
    JSONText.object([
      "endpoint": JSONText.quote(endpoint), "told": version.map { "\($0)" }, "applied": applied.map { "\($0)" },
      "waiting": waiting.map { "\($0.version)" }, "kept": "\(kept)",
    ])
  }
}
