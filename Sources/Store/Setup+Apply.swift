internal import Cipher
internal import EventLoop
internal import Orders
internal import Postgres

/// Many changes of the set-up at once.
extension Setup {
  /// What became of them.
  public enum Applied: Sendable, Equatable {
    case done
    /// Somebody else changed the set-up since it was read; nothing was changed.
    case outdated
    /// What may not be; nothing was changed.
    case refused(String)
  }

  /// Carries the steps out in one transaction, with a row that says who did it.
  ///
  /// What a step may not do, the statements of the single commands refuse here as well: no send begins meanwhile at a
  /// provider that changes, and none is changed to another account while orders are there.
  ///
  /// - Parameters:
  ///   - stamp: of the snapshot that the steps were made from.
  ///   - command: its name.
  ///   - lines: what changes, a line each, without any secret.
  public func apply(
    _ steps: [SetupStep], seen stamp: String?, by who: String, as command: String, lines: [String]
  ) async throws -> Applied {
    let numbers = try await tenantNumbers(adding: steps)
    var statements: [(PostgresStatement, [PostgresParameter])] = steps.compactMap(\.provider).sorted()
      .map { (Statements.lockProvider, [.text($0)]) }
    if let stamp {
      statements.append(
        (
          PostgresStatement(
            name: "",
            sql: """
              SELECT require_setup((SELECT stamp::text = $1 FROM setup_version FOR UPDATE), 'outdated')::text
              """), [.text(stamp)]
        ))
    }
    for step in steps { statements += try self.statements(of: step, numbers) }
    statements.append(SetupAudit(who: who, command: command, lines: lines).row())
    do throws(PostgresError) {
      _ = try await store.pool.transaction(statements)
    } catch {
      switch error.sqlstate {
      case "SV001": return error.message.contains("outdated") ? .outdated : .refused(Self.words(error))
      // A row that others need, or that is there twice.
      case "23503", "23505", "23514": return .refused(Self.words(error))
      default: throw error
      }
    }
    return .done
  }

  private static func words(_ error: PostgresError) -> String {
    error.message.replacing("PostgreSQL: ", with: "").replacing("ERROR: ", with: "")
  }

  /// What people changed, the last first.
  public func audits(limit: Int) async throws -> [(at: String, who: String, what: String, changes: [String])] {
    let rows = try await store.pool.run(
      PostgresStatement(
        name: "",
        sql: """
          SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), who, what, array_to_string(changes, chr(10))
          FROM setup_audits ORDER BY id DESC LIMIT $1
          """), [.int(limit)])
    return try rows.map {
      (
        try $0.text(0), try $0.text(1), try $0.text(2),
        try $0.text(3).split(separator: "\n").map(String.init)
      )
    }
  }

  /// The numbers of all tenants by name, those to be added as well: what is sealed for one is sealed by its number.
  private func tenantNumbers(adding steps: [SetupStep]) async throws -> [String: Int64] {
    var numbers: [String: Int64] = [:]
    for (number, name) in try await store.tenantNames() { numbers[name] = number }
    for case .addTenant(let name) in steps where numbers[name] == nil {
      let next = PostgresStatement(name: "", sql: "SELECT nextval(pg_get_serial_sequence('tenants', 'id'))")
      numbers[name] = try await store.pool.run(next, []).single().int(0)
    }
    return numbers
  }
}

extension SetupStep {
  /// The provider that it changes or removes.
  fileprivate var provider: String? {
    switch self {
    case .changeProvider(let provider, _, _, _): provider.name
    case .removeProvider(let name): name
    default: nil
    }
  }
}
