import Adapters
import Calls
import CommandLine
import EventLoop
import HTTPClient
import OrderWork
import Orders
import Process
import ProviderGate
import Store

/// `worker provider reconcile`: a provider's statement beside our orders, line by line.
enum ReconcileCommand {
  static let command = Command(
    "provider reconcile",
    usage: "NAME --from TIME --to TIME [--file F.csv] [--columns reference=…,amount=…,status=…,at=…,id=…]"
      + " [--status delivered=…,cancelled=…] [--zone +03:00] [--edge 1h] [--settle --note TEXT] [--by NAME] [--yes]"
      + " [--csv OUT] [--json]",
    "Compares a provider's statement with orders, line by line and in money; with --settle a line settles what nobody knows"
      + " here yet.",
    grammar: .init(
      values: ["--from", "--to", "--file", "--columns", "--status", "--zone", "--edge", "--note", "--by", "--csv"],
      switches: ["--settle", Confirmation.flag, "--json"], wordsMax: 1),
    settings: OrderCommands.settings + [.providerPrivateHosts] + Setting.checks,
    details: [
      "--from, --to  UTC: a day such as 2026-11-01, or a moment; the end is not in it",
      "--file        CSV; its first line names the columns. Not needed for reloadly and dtone, for a stock and a desk",
      "--columns     how the file calls them, where not reference, amount, status, at, id; reference or id has to be there",
      "--status      the words of its status column by what they mean: delivered=Onaylandı,Tamam,cancelled=İptal,waiting=…",
      "--zone        of times that don't say it; UTC if nothing is said",
      "--edge        so near to an end of the time a send may stand in another statement; 1h if nothing is said",
      "--settle      settles orders by their lines; without it nothing is changed",
      "--csv         writes each difference to this file",
    ],
    example: "worker provider reconcile panel --from 2026-11-01 --to 2026-12-01 --file november.csv --columns"
      + " 'reference=Islem No,amount=Tutar,status=Durum' --status 'delivered=Onaylandi,cancelled=Iptal'"
  ) { arguments, settings in
    let wanted = try ReconcileWish(arguments)
    let schedule = try settings.checkSchedule()
    let addresses = try settings.providerAddresses()
    // Redis is wanted for jobs of what is settled; without it a scheduler adds them.
    let frame = try ProcessFrame(program: "worker", settings: settings, key: .ifGiven)
    try await frame.connect(redis: false)
    let code: Int32
    do {
      let http = HTTPClient(addresses: addresses, agent: Program.agent)
      defer { http.close() }
      let client = ProviderClient(http: http, tokens: StoredTokens(frame.store))
      let run = try await ReconcileRun(wanted, frame.sources, schedule, client)
      let report = try await run.run(arguments)
      print(arguments.has("--json") ? ReconcileText.json(report) : ReconcileText.text(report))
      code = report.exitCode
    } catch {
      await frame.close()
      if let failure = error as? CSVFile.Failure { throw ExitError("\(failure)", code: 2) }
      throw error
    }
    await frame.close()
    if code == 2 { throw ExitError("some lines could not be read; nothing was settled by them", code: 2) }
    if code == 1 { throw ExitError("the books differ", code: 1) }
  }
}

/// What was asked for.
struct ReconcileWish {
  let provider: String
  /// Milliseconds of Unix time, as the next two.
  let since: Int64
  let until: Int64
  let edge: Int64
  let file: String?
  let columns: [StatementFile.Column: String]
  let meanings: [String: StatementRule.Meaning]
  let offset: Int64
  let settles: Bool
  let person: Person
  let csv: String?

  init(_ arguments: Arguments) throws {
    guard let name = arguments.words.first else { throw UsageError("NAME is missing; see: worker provider list") }
    provider = name
    since = try Self.time("--from", arguments)
    until = try Self.time("--to", arguments)
    guard since < until else { throw UsageError("--to must be later than --from") }
    file = arguments.value("--file")
    csv = arguments.value("--csv")
    settles = arguments.has("--settle")
    person = try Person(arguments, noteFallback: settles ? nil : "compared, nothing settled")
    let edgeText = arguments.value("--edge") ?? "1h"
    guard let edge = Duration(words: edgeText), edge >= .zero, edge <= .seconds(7 * 86_400) else {
      throw UsageError("--edge is \"\(edgeText)\", but must be a duration of up to 168h such as 1h")
    }
    self.edge = edge.milliseconds
    let zone = arguments.value("--zone") ?? "Z"
    guard let offset = StatementTime.offset(zone) else {
      throw UsageError("--zone is \"\(zone)\", but must be such as +03:00, or Z for UTC")
    }
    self.offset = offset
    var columns: [StatementFile.Column: String] = [:]
    for (name, value) in try Self.pairs("--columns", arguments, continues: false) {
      guard let column = StatementFile.Column(rawValue: name) else {
        throw UsageError(
          "--columns \(name)= is not known; it can be \(StatementFile.Column.allCases.map(\.rawValue).joined(separator: ", "))"
        )
      }
      guard columns.updateValue(value, forKey: column) == nil else {
        throw UsageError("--columns \(name)= is given twice")
      }
    }
    self.columns = columns
    var meanings: [String: StatementRule.Meaning] = [:]
    for (name, word) in try Self.pairs("--status", arguments, continues: true) {
      guard let meaning = StatementRule.Meaning(rawValue: name) else {
        throw UsageError(
          "--status \(name)= is not known; it can be \(StatementRule.Meaning.allCases.map(\.rawValue).joined(separator: ", "))"
        )
      }
      guard meanings.updateValue(meaning, forKey: word) ?? meaning == meaning else {
        throw UsageError("--status: \"\(word)\" can't mean two things")
      }
    }
    self.meanings = meanings
  }

  private static func time(_ flag: String, _ arguments: Arguments) throws(UsageError) -> Int64 {
    let text = try arguments.required(flag, "a day or moment of UTC, such as 2026-11-01")
    guard let time = Timestamp.milliseconds(ofDay: text) ?? Timestamp.milliseconds(text), time >= 0 else {
      throw UsageError(
        "\(flag) is \"\(text)\", but must be a day such as 2026-11-01 or a moment such as 2026-11-01T12:00:00Z")
    }
    return time
  }

  /// `K=V,K=V`; where it `continues`, a part without a name is one more value of the name before.
  private static func pairs(
    _ flag: String, _ arguments: Arguments, continues: Bool
  ) throws(UsageError) -> [(String, String)] {
    var pairs: [(String, String)] = []
    for text in arguments.all(flag) {
      var name: String?
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let value: String
        if sides.count == 2 {
          name = String(sides[0]).trimmingBlanks
          value = String(sides[1]).trimmingBlanks
        } else {
          value = String(part).trimmingBlanks
          guard continues else { throw UsageError("\(flag): \"\(value)\" has no name; it must be NAME=VALUE,…") }
        }
        guard let name, !name.isEmpty, !value.isEmpty else { throw UsageError("\(flag) must be NAME=VALUE,…") }
        pairs.append((name, value))
      }
    }
    return pairs
  }
}
