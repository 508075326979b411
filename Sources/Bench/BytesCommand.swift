import CommandLine
import EventLoop
import Postgres
import PrivateServers

/// `bench bytes`
enum BytesCommand {
  static let command = Command(
    "bytes", usage: "[--orders N] [--against DIR] [--json FILE]",
    """
    How many bytes of PostgreSQL an order takes, by table and index: full orders as in `orders`, vacuumed afterwards. What
    SEVK_RETENTION drops is told from what stays for good.
    """,
    grammar: .init(values: ["--orders", OtherVersion.flag, "--json"]), details: [OtherVersion.details],
    example: "ops/bench bytes --orders 12000 --json bytes.json"
  ) { arguments, _ in
    let orders = try Numbers.integer(arguments, "--orders", default: 12_000, in: 1...1_000_000)
    let other = try OtherVersion(arguments, programs: ["dispatcher", "worker", "scheduler"])
    try await Stage.run { stage in
      let settings = ["SEVK_CHECK_FIRST_DELAY": OrdersCommand.checkDelay]
      var results: [BytesReport.Entry] = []
      let own = try Installation(stage: stage, settings: settings)
      results.append(try await measure(own, "sevk", orders: orders))
      let machine = try await own.machine()
      await own.stop()
      if let other {
        let installation = try Installation(stage: stage, settings: settings, other: other)
        results.append(try await measure(installation, OtherVersion.name, orders: orders))
        await installation.stop()
      }
      let report = BytesReport(machine: machine, results: results)
      report.show()
      if let file = arguments.value("--json") { try Output.json(report, to: file) }
    }
  }

  /// Relations with a part's name are counted to the table whose parts they are.
  private static let sizes = PostgresStatement(
    name: "bench_bytes",
    sql: """
      WITH tables AS (
        SELECT c.oid, c.reltoastrelid, coalesce(parent.relname, c.relname)::text AS name, c.relname::text AS part FROM pg_class c
        LEFT JOIN pg_inherits h ON h.inhrelid = c.oid LEFT JOIN pg_class parent ON parent.oid = h.inhparent
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
      )
      SELECT name, '', sum(pg_relation_size(oid) + coalesce(pg_relation_size(nullif(reltoastrelid, 0)), 0))::bigint
      FROM tables GROUP BY name
      UNION ALL
      SELECT name, replace(i.relname::text, part, name), sum(pg_relation_size(i.oid))::bigint
      FROM tables JOIN pg_index x ON x.indrelid = tables.oid JOIN pg_class i ON i.oid = x.indexrelid GROUP BY 1, 2
      """)
  private static let updates = PostgresStatement(
    name: "bench_updates",
    sql: """
      SELECT coalesce(sum(n_tup_upd), 0)::bigint, coalesce(sum(n_tup_hot_upd), 0)::bigint,
             pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint
      FROM pg_stat_user_tables WHERE relname = 'orders'
      """)
  private static let retired: Set<String> = ["events", "exchanges", "event_places"]
  /// Its pages are used again by the next orders, so it grows with those that are open at once.
  private static let reused = "unsettled_orders"

  @LoopActor
  private static func measure(_ installation: Installation, _ name: String, orders: Int) async throws
    -> BytesReport.Entry
  {
    try await installation.create(panelArguments: ["--complete-after", OrdersCommand.completeAfter])
    let before = try await read(installation)
    let wal = try await installation.postgres.run(updates, [])[0].int(2)
    _ = try await OrdersBench(installation: installation, orders: orders).sevk(round: 1)
    let walEnd = try await installation.postgres.run(updates, [])[0].int(2)
    try await installation.postgres.script("VACUUM")
    let counts = try await installation.postgres.run(updates, [])[0]
    let after = try await read(installation)
    var tables: [BytesReport.Table] = []
    for (name, indexes) in after where name != reused {
      var grown: [String: Double] = [:]
      for (index, bytes) in indexes {
        grown[index] = (Double(bytes - (before[name]?[index] ?? 0)) / Double(orders)).fourDigits
      }
      let heap = grown.removeValue(forKey: "") ?? 0
      let table = BytesReport.Table(
        name: name, heapBytesPerOrder: heap, indexBytesPerOrder: grown.filter { $0.value > 0 },
        isRetired: retired.contains(name))
      if table.total >= 1 { tables.append(table) }
    }
    tables.sort { ($0.isRetired ? 1 : 0, $1.total) < ($1.isRetired ? 1 : 0, $0.total) }
    let updated = Double(try counts.int(0))
    return BytesReport.Entry(
      name: name, orders: orders, bytesPerOrder: tables.reduce(0) { $0 + $1.total }.fourDigits,
      bytesPerOrderForGood: tables.filter { !$0.isRetired }.reduce(0) { $0 + $1.total }.fourDigits,
      ordersUpdatedInPlace: updated > 0 ? (Double(try counts.int(1)) / updated).fourDigits : 0,
      walBytesPerOrder: (Double(walEnd - wal) / Double(orders)).fourDigits, tables: tables)
  }

  /// Bytes by table and index; the table itself is "".
  @LoopActor
  private static func read(_ installation: Installation) async throws -> [String: [String: Int64]] {
    var bytes: [String: [String: Int64]] = [:]
    for row in try await installation.postgres.run(sizes, []) {
      bytes[try row.text(0), default: [:]][try row.text(1)] = try row.int(2)
    }
    return bytes
  }
}
