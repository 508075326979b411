internal import Postgres

/// A send of an order of a sandbox.
public struct SandboxSend: Sendable {
  /// Whom the order is for.
  public let player: String?
  /// 1 for the order's first send.
  public let number: Int
  public let age: Duration
  /// Whether an answer said that it is delivered, which nothing has borne out yet.
  public let isDeliverySaid: Bool
}

extension Store {
  /// - Returns: nil when no order of a sandbox was sent under this reference.
  public func sandboxSend(reference: String) async throws -> SandboxSend? {
    try await pool.run(Statements.sandboxOrder, [.text(reference)]).first.map { row in
      try SandboxSend(
        player: row.textOrNil(0), number: Int(row.int(1)), age: .milliseconds(row.int(2)),
        isDeliverySaid: row.bool(3))
    }
  }
}
