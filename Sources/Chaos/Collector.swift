import Adapters
import EventLoop
import FoundationEssentials
import Orders
import Postgres

/// Reads what a run left behind.
@LoopActor
struct Collector {
  private static let orders = PostgresStatement(
    name: "chaos_orders",
    sql: """
      SELECT id::text, idempotency_key, status, reason, (cost * 10000)::bigint, due_at IS NOT NULL, reason_code,
             (SELECT min(version) FROM audits a WHERE a.order_id = o.id AND what = 'refund_claim')
      FROM orders o ORDER BY id
      """)
  private static let attempts = PostgresStatement(
    name: "chaos_attempts",
    sql: """
      SELECT order_id::text, number, a.reference, state, adapter, o.fields ->> 'player_id', resends
      FROM attempts a JOIN providers p ON p.id = a.provider_id JOIN orders o ON o.id = order_id ORDER BY order_id, number
      """)
  /// The events that have a position, each with it.
  static let placed = """
    SELECT i.id, r.first + i.number - 1 AS position
    FROM event_places r, unnest(r.ids) WITH ORDINALITY AS i (id, number)
    UNION ALL SELECT id, position FROM events WHERE position > 0
    """
  private static let events = PostgresStatement(
    name: "chaos_events",
    sql: """
      WITH placed AS (\(placed))
      SELECT order_id::text, version, type,
             type IS NULL OR coalesce(p.position <= (SELECT min(position) FROM event_sinks), false)
      FROM events e LEFT JOIN placed p ON p.id = e.id WHERE e.status <> 'notice' ORDER BY e.id
      """)
  /// What is still open, whether its provider settles lost references by itself, and its reference.
  private static let open = PostgresStatement(
    name: "chaos_open",
    sql: """
      WITH placed AS (\(placed)), undelivered AS (
        SELECT FROM events e LEFT JOIN placed p ON p.id = e.id
        WHERE e.type IS NOT NULL AND coalesce(p.position > (SELECT min(position) FROM event_sinks), true)
      )
      SELECT o.status, p.trust_not_found_after_ms IS NOT NULL, o.provider_reference,
             (SELECT count(*) FROM undelivered), coalesce(p.adapter, '')
      FROM orders o LEFT JOIN providers p ON p.id = o.provider_id
      WHERE o.status IN (\(Status.literals(Status.open)))
      UNION ALL SELECT 'events', false, NULL, count(*), '' FROM undelivered
      """)

  let servers: Servers
  let panel: Panel

  /// Whether nothing more is to be waited for: what is open asks about references that the panel does not have.
  func isSettled() async -> Bool {
    guard let answer = try? await servers.postgres.run(Self.open, []),
      let rows = try? answer.map({
        (
          status: try $0.text(0), isTrusting: try $0.bool(1), reference: try $0.textOrNil(2),
          unpublished: try $0.int(3), adapter: try $0.text(4)
        )
      })
    else { return false }
    guard rows.allSatisfy({ $0.unpublished == 0 }) else { return false }
    var open = rows.filter { $0.status != "events" }
    if open.isEmpty { return true }
    guard let books = try? await panel.books() else { return false }
    let twice = Set(books.double_debits)
    open.removeAll { twice.contains(Lineup.booked($0.reference ?? "", adapter: $0.adapter)) }
    guard open.allSatisfy({ $0.status == "unresolved" && !$0.isTrusting }) else { return false }
    let known = Set(books.orders.map(\.reference))
    return open.allSatisfy { !known.contains(Lineup.booked($0.reference ?? "", adapter: $0.adapter)) }
  }

  func readDatabase(into evidence: inout Evidence) async throws {
    evidence.orders = try await servers.postgres.run(Self.orders, []).map {
      Evidence.Order(
        id: try $0.text(0), key: try $0.text(1), status: try $0.text(2), reason: try $0.textOrNil(3),
        cost: try $0.intOrNil(4),
        hasNextCheck: try $0.bool(5), reasonCode: try $0.textOrNil(6),
        claimedAtVersion: try $0.intOrNil(7).map { Int($0) })
    }
    evidence.attempts = try await servers.postgres.run(Self.attempts, []).map {
      Evidence.Attempt(
        order: try $0.text(0), number: Int(try $0.int(1)),
        reference: Lineup.booked(try $0.text(2), adapter: try $0.text(4)), state: try $0.text(3),
        resends: Int(try $0.int(6)), isOfStock: try $0.text(4) == Stock.name,
        player: try $0.text(4) == "turkpin" ? $0.textOrNil(5) : nil)
    }
    evidence.events = try await servers.postgres.run(Self.events, []).map {
      Evidence.Event(
        order: try $0.text(0), version: Int(try $0.int(1)), type: try $0.textOrNil(2), isPublished: try $0.bool(3))
    }
  }

  func readPanel(into evidence: inout Evidence) async throws -> Panel.Books {
    let books = try await panel.books()
    let bookedTwice = Set(books.double_debits)
    evidence.panelSpent = Money(parsing: books.spent)?.tenThousandths ?? .min
    evidence.panel = books.orders.map {
      Evidence.PanelOrder(
        reference: $0.reference, player: $0.player, state: $0.state, pin: $0.pin,
        amount: Money(parsing: $0.amount)?.tenThousandths ?? .min, sends: $0.sends, debits: $0.debits,
        credits: $0.credits, wasCompleted: $0.was_completed, wasBookedTwice: bookedTwice.contains($0.reference),
        costTold: $0.cost_told.flatMap { Money(parsing: $0)?.tenThousandths })
    }
    let byPlayer = Dictionary(
      evidence.panel.map { ($0.player, $0.reference) }, uniquingKeysWith: { first, _ in first })
    for index in evidence.attempts.indices {
      guard let player = evidence.attempts[index].player, let reference = byPlayer[player] else { continue }
      evidence.attempts[index].reference = reference
    }
    return books
  }

  /// The amounts of the alarms about a balance that fell more than the orders explain, from the logs.
  static func alarms(folder: String) -> [Int64] {
    drops(folder, "balance fell more than the orders explain")
  }

  /// The amounts of those that are too large for orders booked twice.
  static func withdrawals(folder: String) -> [Int64] {
    drops(folder, "balance fell by more than orders booked twice would cost")
  }

  /// What a line says: an amount for each drop. One line may stand for several and tells their sum, which is then the first.
  nonisolated static func amounts(ofDrops line: String) -> [Int64] {
    struct Line: Decodable {
      let unexplained: String
      let drops: String?
    }
    let read = try? JSONDecoder().decode(Line.self, from: Data(line.utf8))
    let sum = read.flatMap { Money(parsing: $0.unexplained)?.tenThousandths } ?? 0
    return [sum] + [Int64](repeating: 0, count: max(0, (read?.drops.flatMap { Int($0) } ?? 1) - 1))
  }

  private static func drops(_ folder: String, _ message: String) -> [Int64] {
    logs(folder).flatMap { _, text in
      text.split(separator: "\n").filter { $0.contains(message) }.flatMap { Self.amounts(ofDrops: String($0)) }
    }
  }

  /// What the processes of Sevk wrote, by file.
  private static func logs(_ folder: String) -> [(file: String, text: String)] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? [])
      .filter { file in Fleet.programs.contains { file.hasPrefix($0) } }
      .map { ($0, String(decoding: FileManager.default.contents(atPath: "\(folder)/\($0)") ?? Data(), as: UTF8.self)) }
  }

  /// Log lines that hold one of the secrets, or a PIN of the panel.
  static func leaks(folder: String, secrets: [String], pins: Set<String>) -> [String] {
    var leaks: [String] = []
    for (program, text) in logs(folder) {
      for (index, line) in text.split(separator: "\n").enumerated() {
        if secrets.contains(where: { line.contains($0) }) { leaks.append("\(program):\(index + 1) holds a secret") }
        // PINs look like ABCD-EFGH-JKLM; comparing words is quicker than searching for each.
        let words = line.utf8.split { !(0x30...0x39 ~= $0 || 0x41...0x5A ~= $0 || $0 == UInt8(ascii: "-")) }
        if words.contains(where: { $0.count == 14 && pins.contains(String(Substring($0))) }) {
          leaks.append("\(program):\(index + 1) holds a PIN")
        }
      }
    }
    return leaks
  }
}
