import Adapters
import Cipher
import EventLoop
import FoundationEssentials
import Postgres
import PrivateServers
import Seeded

/// Fills the stock of own codes by the command that people use, and lets it run empty again and again.
@LoopActor
final class StockKeeper {
  nonisolated static let product = "gift-codes"
  private static let cost = "12.50"
  private static let costTenThousandths: Int64 = 125_000
  private static let fills = 8...40
  /// How long it stays empty, in milliseconds.
  private static let emptyLasts = 500...4000
  private static let interval = Duration.milliseconds(250)
  private static let triesMax = 90
  /// Until what is left is sold, once nobody fills it any more.
  private static let drainLimit = Duration.seconds(15)
  /// Over at the end, of which some are written off.
  private static let spare = 7
  private static let writtenOff = 2

  private let servers: Servers
  private let fleet: Fleet
  private var random: SeededGenerator
  /// What was added, by the hash of its file.
  private var files: [[UInt8]: [String]] = [:]
  private var isHoldingBack = false
  private var isOver = false
  private var timesEmpty = 0
  private var keeping: Task<Void, Never>?

  init(_ servers: Servers, _ fleet: Fleet, seed: UInt64) {
    (self.servers, self.fleet) = (servers, fleet)
    random = SeededGenerator(seed: seed &* 41 &+ 3)
  }

  var codes: [String] { files.values.flatMap { $0 } }

  // MARK: Filling

  /// Adds codes, however often the command has to be given: a file that was added is known.
  func fill(_ count: Int? = nil) async throws {
    let number = files.count + 1
    let codes = (0..<(count ?? Int.random(in: Self.fills, using: &random))).map { index in
      // As long as a PIN of the panel, so that the search for PINs in logs finds it too.
      "S\(Self.hex(number, 3))-\(Self.hex(index, 4))-\(Self.hex(Int.random(in: 0..<65_536, using: &random), 4))"
    }
    let text = (["code,cost"] + codes.map { "\($0),\(Self.cost)" }).joined(separator: "\n") + "\n"
    let path = "\(servers.folder)/stock-\(number).csv"
    // As the stock knows a file: piece by piece, and this is one.
    files[Digest.sha256(Digest.sha256(Array(text.utf8)))] = codes
    try Data(text.utf8).write(to: URL(filePath: path))
    try await insist(["stock", "add", Self.product, "--provider", Lineup.stock, "--file", path, "--json"])
  }

  private static func hex(_ number: Int, _ digits: Int) -> String {
    let text = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(digits - text.utf8.count, 0)) + text
  }

  /// Gives a command until it succeeds: its servers may be away, and nobody else does it.
  private func insist(_ arguments: [String]) async throws {
    var tries = 0
    while true {
      let (code, output) = try await fleet.outcome("worker", arguments)
      if code == 0 { return }
      tries += 1
      guard tries < Self.triesMax else {
        throw ChildProgram.Failure("worker \(arguments.prefix(2)) failed \(tries) times: \(output)")
      }
      try await EventLoop.sleep(for: .seconds(1))
    }
  }

  func start() { keeping = Task(executorPreference: EventLoop.shared) { await self.keep() } }

  private func keep() async {
    while !isOver {
      try? await EventLoop.sleep(for: Self.interval)
      guard !isHoldingBack, (try? await free()) == 0 else { continue }
      timesEmpty += 1
      try? await EventLoop.sleep(for: .milliseconds(Int.random(in: Self.emptyLasts, using: &random)))
      guard !isHoldingBack, !isOver else { continue }
      try? await fill()
    }
  }

  /// Nobody fills it, and what is left goes; then `work` is done, and it is filled again.
  func runEmpty(_ work: @LoopActor () async -> Void) async throws {
    isHoldingBack = true
    defer { isHoldingBack = false }
    do {
      try await Waiting.until("the stock was empty", within: Self.drainLimit) {
        try await EventLoop.sleep(for: Self.interval)
        return (try? await self.free()) == 0
      }
    } catch {
      try await writeOff(Int.max)
    }
    await work()
    try await fill()
  }

  /// For all that still wait, and some over.
  func finish() async throws {
    // Not cancelled: what it adds at this moment is to be added whole.
    isOver = true
    await keeping?.value
    let waiting = try await servers.postgres.run(
      PostgresStatement(
        name: "chaos_stock_waiting", sql: "SELECT count(*) FROM orders WHERE status = 'pending' AND product = ANY ($1)"),
      [.textArray([Lineup.stock + "-goods", Lineup.stockOrOther])]
    ).single().int(0)
    try await fill(Int(waiting) + Self.spare)
  }

  func writeSomeOff() async throws { try await writeOff(Self.writtenOff) }

  private func writeOff(_ most: Int) async throws {
    let ids = try await servers.postgres.run(
      PostgresStatement(
        name: "chaos_stock_ids", sql: "SELECT id FROM stock_codes WHERE state = 'free' ORDER BY id LIMIT $1"),
      [.int(Int64(min(most, 1000)))]
    ).map { try $0.int(0) }
    guard !ids.isEmpty else { return }
    // What was given out meanwhile is refused, and said so by the exit code.
    _ = try await fleet.outcome(
      "worker",
      ["stock", "write-off"] + ids.map { "\($0)" } + ["--note", "chaos", "--by", "chaos", "--yes", "--json"])
  }

  private func free() async throws -> Int64 {
    try await servers.postgres.run(
      PostgresStatement(name: "chaos_stock_free", sql: "SELECT count(*) FROM stock_codes WHERE state = 'free'"), []
    ).single().int(0)
  }

  // MARK: What is left behind

  private static let all = PostgresStatement(
    name: "chaos_stock",
    sql: """
      SELECT f.hash, c.line::bigint, c.state, c.order_id::text, c.reference, (c.cost * 10000)::bigint,
             o.fields ->> 'player_id'
      FROM stock_codes c JOIN stock_files f ON f.id = c.file_id LEFT JOIN orders o ON o.id = c.order_id ORDER BY c.id
      """)

  /// Its books stand beside those of the panel from then on: what was set aside for a send was sold by it.
  func read(into evidence: inout Evidence) async throws {
    let rows = try await servers.postgres.run(Self.all, []).map { row in
      // The first line names the columns.
      let (file, line) = (files[try row.bytes(0)], Int(try row.int(1)) - 2)
      return Evidence.Stock.Code(
        code: file.flatMap { $0.indices.contains(line) ? $0[line] : nil }, state: try row.text(2),
        order: try row.textOrNil(3), reference: try row.textOrNil(4), player: try row.textOrNil(6),
        cost: try row.int(5))
    }
    evidence.stock = Evidence.Stock(added: codes, codes: rows, levels: try await levels(), timesEmpty: timesEmpty)
    for code in rows {
      guard let reference = code.reference, code.state == "reserved" || code.state == "given" else { continue }
      evidence.panel.append(
        Evidence.PanelOrder(
          reference: Lineup.booked(reference, adapter: Stock.name), player: code.player ?? "", state: "completed",
          pin: code.code, amount: code.cost, sends: 1, debits: 1, credits: 0, wasCompleted: true))
      evidence.panelSpent = evidence.panelSpent.addingSaturated(code.cost)
    }
  }

  private func levels() async throws -> [String: Int] {
    struct Level: Decodable { let free, reserved, expired, given, written_off: Int }
    let output = try await fleet.command("worker", ["stock", "list", Self.product, "--json"])
    let text = output.drop { $0 != "[" }
    let all = try JSONDecoder().decode([Level].self, from: Data(text.utf8))
    func sum(_ path: KeyPath<Level, Int>) -> Int { all.reduce(0) { $0 + $1[keyPath: path] } }
    return [
      "free": sum(\.free), "reserved": sum(\.reserved), "expired": sum(\.expired), "given": sum(\.given),
      "written_off": sum(\.written_off),
    ]
  }
}
