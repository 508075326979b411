internal import Postgres

/// What a token of the dashboard may do there.
public enum DashboardRole: String, Sendable, CaseIterable {
  /// See everything but PINs. Every token may.
  case look
  /// Move orders.
  case decide
  /// Pause and resume providers and queues, and mend jobs.
  case operate

  /// As `api_tokens` has it; that of ``look`` is older than the others.
  public var scope: String { self == .look ? "dashboard:read" : "dashboard:\(rawValue)" }

  /// As `api_tokens` has several; all of them may look.
  public static func scopes(of roles: Set<DashboardRole>) -> [String] {
    allCases.filter { $0 == .look || roles.contains($0) }.map(\.scope)
  }

  /// For people.
  public var words: String {
    switch self {
    case .look: "look"
    case .decide: "decide about orders"
    case .operate: "operate providers, queues and jobs"
    }
  }
}

/// A token that opens the dashboard: whoever has it acts there under its name.
public struct DashboardToken: Sendable, Equatable {
  public let id: Int64
  /// What people call it; may be empty.
  public let name: String
  public let roles: Set<DashboardRole>

  public init(id: Int64, name: String, roles: Set<DashboardRole>) {
    (self.id, self.name, self.roles) = (id, name, roles.union([.look]))
  }

  /// A row of `dashboard_tokens.sql`.
  init(_ row: PostgresRow) throws(PostgresError) {
    let scopes = try row.text(4).split(separator: ",")
    self.init(
      id: try row.int(1), name: try row.text(3),
      roles: Set(DashboardRole.allCases.filter { role in scopes.contains { $0 == role.scope } }))
  }

  /// For audit rows.
  public var who: String { name.isEmpty ? "dashboard token \(id)" : name }
}
