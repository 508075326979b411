import EventLoop
import Foundation
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// SQL can't ask the table of statuses, so it lists them: each list is held against the table here.
@Suite(.timeLimit(.minutes(2))) struct StatusTableTests {
  private static let open = Set(Status.open)
  private static let final = Set(Status.final)
  private static let refundSafe = Set(Status.allCases.filter(\.isRefundSafe))
  private static let atProvider = Set(Status.allCases.filter(\.mayBeAtProvider))

  /// Every `status IN (…)` outside the migrations. A file that is not here may list none.
  private static let lists: [String: [Set<Status>]] = [
    "Sources/Store/SQL/open_orders.sql": [open],
    "Sources/Store/SQL/open_among.sql": [open],
    "Sources/Store/SQL/doctor.sql": [open],
    "Sources/Store/SQL/ended_orders.sql": [final],
    "Sources/Store/SQL/retire_events.sql": [final],
    "Sources/Store/SQL/transition.sql": [final],
    "Sources/Store/SQL/retire_exchanges.sql": [final],
    // What ended at a provider, and can be asked about again.
    "Sources/Store/SQL/find_second_looks.sql": [Set(Status.allCases.filter { $0.canBecome(.contested) })],
    "Sources/Store/SQL/retire_keys.sql": [final],
    "Sources/Store/SQL/retire_pin_prints.sql": [final],
    "Sources/Store/SQL/retire_pins.sql": [final],
    "Sources/Store/SQL/part_events.sql": [final],
    "Sources/Store/SQL/part_exchanges.sql": [final],
    // Those that the index unsettled_by_status leaves out.
    "Sources/Store/SQL/list_orders_by_status.sql": [[.sending, .sent]],
    "Sources/Store/SQL/search_among_status.sql": Array(repeating: [.sending, .sent], count: 2),
    "Sources/Store/SQL/waiting_sends.sql": [[.sending, .sent]],
    "Sources/Store/SQL/held_orders.sql": [[.sending, .sent]],
    "Sources/Store/SQL/held_for_pin.sql": [[.sending, .sent]],
    // A held order may be there as well: that is what the person looks for.
    "Sources/Store/SQL/orders_at_provider.sql": [atProvider.union([.held])],
    "Sources/Store/SQL/replace_provider.sql": [atProvider.union([.held])],
    // A refund is safe: the provider need not have it, and its code goes back when a person says so.
    "Sources/Store/SQL/missing_in_statement.sql": [refundSafe],
    "Sources/Store/SQL/state_stock.sql": [refundSafe],
    "Sources/Store/SQL/state_desk.sql": [refundSafe],
    "Sources/Store/SQL/move_stock.sql": [Set(Status.allCases.filter { $0 == .contested || $0.isFinal }), refundSafe],
    // Whatever was sent and may have its code.
    "Sources/Store/SQL/stock_of_send.sql": [Set(Status.allCases).subtracting(refundSafe).subtracting([.pending])],
    // Those that go on; and how one that went on afterwards, or was claimed, first ended.
    "Sources/Store/SQL/slow_orders.sql": [Set(Status.unsettled).subtracting([.contested]), final],
    // What may have gone on since the backup. A sent order is only asked about, whatever became of it.
    "ops/postgres/after_restore.sql": [Set(Status.unsettled).subtracting([.sent, .contested])],
  ]

  @Test func everyListInSQLIsOneOfTheTable() throws {
    let list = try Regex(#"status\s+(?:NOT\s+)?IN\s*\(((?:\s*'\w+'\s*,?)+)\)"#, as: (Substring, Substring).self)
    var found: [String: [Set<Status>]] = [:]
    for path in try Self.files() {
      let lists = try Repository.text(path).matches(of: list).map { try Self.statuses(in: $0.1) }
      if !lists.isEmpty { found[path] = lists }
    }
    for path in Set(found.keys).union(Self.lists.keys).sorted() {
      #expect(found[path] == Self.lists[path], "\(path)")
    }
  }

  @Test func everySingleStatusInSQLIsOne() throws {
    let single = try Regex(#"\bstatus\s*(?:=|<>)\s*'(\w+)'"#, as: (Substring, Substring).self)
    for path in try Self.files() {
      for match in try Repository.text(path).matches(of: single) {
        // What is no order's has a row in events, too: a notice.
        if match.1 == "notice", path.hasSuffix("_events.sql") { continue }
        #expect(Status(rawValue: String(match.1)) != nil, "\(path): \(match.0)")
      }
    }
    // What is written for these would be wrong for others: held_orders.sql, held_among.sql, order_counts.sql, doctor.sql,
    // the constraint orders_held, person_move.sql, after_restore.sql.
    #expect(Status.allCases.filter { $0.row.waitsFor == .person } == [.held, .contested])
    // Likewise waiting_sends.sql, person_hurry.sql, insert_orders.sql.
    #expect(Status.allCases.filter { $0.row.person == .sendsOrWithdraws } == [.pending])
  }

  /// The constraints and partial indexes of `orders`, as the database has them after all migrations. Which move is allowed
  /// is for `LifeConstraintTests`.
  @Test func constraintsAndIndexesAreThoseOfTheTable() async throws {
    let bench = try await Bench()
    let rows = try await bench.sql(
      """
      SELECT 'constraint ' || conname, pg_get_constraintdef(oid) FROM pg_constraint
      WHERE conrelid = 'orders'::regclass AND contype = 'c' AND conname <> 'orders_life'
      UNION ALL
      SELECT 'index ' || indexrelid::regclass, pg_get_expr(indpred, indrelid) FROM pg_index
      WHERE indrelid IN ('orders'::regclass, 'unsettled_orders'::regclass) AND indpred IS NOT NULL
      """)
    var found: [String: Set<Status>] = [:]
    for row in rows {
      let (name, definition) = (try row.text(0), try row.text(1))
      guard definition.firstMatch(of: try Regex(#"\bstatus\b"#)) != nil else { continue }
      found[name] = try Self.statuses(in: Substring(definition))
    }
    #expect(
      found == [
        "constraint orders_due": Self.open, "constraint orders_at_provider": Self.atProvider,
        "constraint orders_held": [.held, .contested], "constraint orders_pin": [.completed, .contested],
        "constraint orders_claimed": [.pending],
        // All but these, in which every order is for a while.
        "index unsettled_by_status": [.sending, .sent],
      ])
  }

  /// Code asks the table. A list of its own would be forgotten when a status is added.
  @Test func noCodeListsStatuses() throws {
    let names = Status.allCases.map(\.rawValue).joined(separator: "|")
    let lists = [
      try Regex(#"\[\s*(?:Status)?\.(?:\#(names)),\s*(?:Status)?\.(?:\#(names))\b"#),
      try Regex(#"[sS]tatus [=!]= \.(?:\#(names)) (?:\|\||&&) [\w.]*[sS]tatus [=!]= \.(?:\#(names))\b"#),
      try Regex(#"\('(?:\#(names))', '(?:\#(names))'"#),
    ]
    for path in try Self.files() where path.hasSuffix(".swift") && path != "Sources/Orders/Status.swift" {
      let text = try Repository.text(path)
      for list in lists {
        if let match = text.firstMatch(of: list) {
          Issue.record("\(path) lists statuses of its own: \(text[match.range])")
        }
      }
    }
  }

  /// The names in single quotes.
  private static func statuses(in sql: Substring) throws -> Set<Status> {
    Set(
      try sql.matches(of: try Regex(#"'(\w*)'"#, as: (Substring, Substring).self)).map { match in
        try #require(Status(rawValue: String(match.1)), "\(match.1) is no status")
      })
  }

  /// What may have SQL in it; a released migration never changes, so the database is looked at instead.
  private static func files() throws -> [String] {
    try ["Sources", "ops"].flatMap { folder in
      let found = try FileManager.default.subpathsOfDirectory(atPath: "\(Repository.root)/\(folder)")
      return found.map { "\(folder)/\($0)" }.filter { path in
        let name = path.split(separator: "/").last ?? ""
        return !path.contains("/Migrations/") && !path.contains("/System/") && !name.hasPrefix(".")
          && (path.hasSuffix(".sql") || path.hasSuffix(".swift") || (folder == "ops" && !name.contains(".")))
      }.filter { path in
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: "\(Repository.root)/\(path)", isDirectory: &isFolder)
          && !isFolder.boolValue
      }.sorted()
    }
  }
}
