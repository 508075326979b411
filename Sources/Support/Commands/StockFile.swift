import Cipher
import CommandLine
import EventLoop
import Orders
import Store

/// A file of codes on its way into a stock: read twice, first to judge every line, then to add them. A code never stands in
/// what is said of its line.
@LoopActor
final class StockFile {
  nonisolated static let columns = ["code", "serial", "expires", "cost"]
  nonisolated static let codeBytes = 4...200
  nonisolated static let serialBytesMax = 100
  /// Bad lines that are told one by one.
  nonisolated static let toldMax = 100

  struct Bad: Sendable {
    let line: Int
    let why: String
  }

  struct Result: Sendable {
    var added = 0
    /// Lines that this file brought before.
    var already = 0
    var bad: [Bad] = []
  }

  private let file: CSVFile
  private let stock: StockStore
  private let provider: Provider
  private let product: String
  private let progress = Progress("read")
  private var hash: [UInt8] = []
  /// Lines that are not to be added: they are bad, or there already.
  private var passed: Set<Int> = []

  init(_ path: String, _ stock: StockStore, provider: Provider, product: String) {
    file = CSVFile(path)
    self.stock = stock
    self.provider = provider
    self.product = product
  }

  /// Adds what is good; where anything is bad, nothing, unless `skipsBad`.
  func add(who: String, skipsBad: Bool) async throws -> Result {
    var result = try await judge()
    progress.end()
    guard result.bad.isEmpty || skipsBad else { return result }
    let judged = hash
    let (id, _) = try await stock.begin(file: judged, product: product, provider: provider.id, who: who)
    passed.formUnion(result.bad.map(\.line))
    var batch: [NewStockCode] = []
    var late: [Bad] = []
    func flush() async throws {
      guard !batch.isEmpty else { return }
      let added = try await stock.add(batch, file: id, product: product, provider: provider.id)
      result.added += added.count
      if added.count < batch.count {
        let known = try await stock.known(among: batch)
        for (place, code) in batch.enumerated() where !added.contains(code.line) {
          guard let found = known[place], found.file != id || found.line != code.line else { continue }
          late.append(Bad(line: code.line, why: Self.there(found)))
        }
      }
      batch.removeAll(keepingCapacity: true)
    }
    try await read { line, code in
      guard !self.passed.contains(line.number), let code else { return }
      batch.append(code)
      if batch.count == StockStore.batchMax { try await flush() }
    }
    try await flush()
    progress.end()
    guard hash == judged else {
      throw ExitError("\(file.path) was changed while it was read; add it again, nothing is added twice", code: 1)
    }
    result.bad += late
    return result
  }

  /// Reads the file once, and says of each line whether it can be added.
  private func judge() async throws -> Result {
    var result = Result()
    var seen: [[UInt8]: Int] = [:]
    var batch: [NewStockCode] = []
    var found: [(line: Int, KnownStockCode)] = []
    var expired: Set<Int> = []
    var lines = 0
    func look() async throws {
      let known = try await stock.known(among: batch)
      for (place, code) in batch.enumerated() { if let there = known[place] { found.append((code.line, there)) } }
      batch.removeAll(keepingCapacity: true)
    }
    let now = LocalTime.now
    try await read { line, code in
      lines += 1
      guard let code else {
        return result.bad.append(Bad(line: line.number, why: line.problem ?? self.mistake(line) ?? "can't be read"))
      }
      // Half of a keyed hash tells any two codes apart.
      let print = Array(try self.stock.print(of: code.code).prefix(16))
      if let first = seen[print] {
        return result.bad.append(Bad(line: line.number, why: "has the code of line \(first)"))
      }
      seen[print] = line.number
      if let at = code.expiresAt, at <= now { expired.insert(line.number) }
      batch.append(code)
      if batch.count == StockStore.batchMax { try await look() }
    }
    try await look()
    let id = try await stock.known(file: hash, product: product, provider: provider.id)
    for (line, there) in found {
      expired.remove(line)
      if let id, there.file == id, there.line == line {
        result.already += 1
        passed.insert(line)
      } else {
        result.bad.append(Bad(line: line, why: Self.there(there)))
      }
    }
    result.bad += expired.map { Bad(line: $0, why: "has a code that has expired already") }
    result.bad.sort { $0.line < $1.line }
    if lines == 0 { throw ExitError("\(file.path) has no codes", code: 1) }
    return result
  }

  private func read(_ body: @escaping @LoopActor (CSVFile.Line, NewStockCode?) async throws -> Void) async throws {
    hash = []
    let progress = progress
    try await file.read(
      required: ["code"], known: Self.columns,
      piece: { [self] piece in hash = Digest.sha256(hash + Digest.sha256(piece)) }
    ) { line, read, size in
      progress.show(read, of: size)
      try await body(line, self.code(line))
    }
  }

  // MARK: One line

  private func code(_ line: CSVFile.Line) -> NewStockCode? {
    guard mistake(line) == nil, let code = line.field("code") else { return nil }
    return NewStockCode(
      line: line.number, code: Pin(code), serial: line.field("serial"),
      cost: line.field("cost").flatMap { Money(parsing: $0, decimalMark: provider.decimalMark) },
      expiresAt: line.field("expires").flatMap(Self.moment))
  }

  /// Why a line can't be added; nil when it can.
  private func mistake(_ line: CSVFile.Line) -> String? {
    if let problem = line.problem { return problem }
    guard let code = line.field("code") else { return "has no code" }
    guard Self.codeBytes.contains(code.utf8.count) else {
      return
        "has a code of \(code.utf8.count) bytes, and a code has \(Self.codeBytes.lowerBound) to \(Self.codeBytes.upperBound)"
    }
    if OddCharacter.unseen(in: code) != nil { return "has a code with a character that can't be seen" }
    // As it is given out, alone and beside others: an order that needs a PIN would wait for ever for one that is none.
    guard Pin(code).isPlausible, Pin("\(code) \(code)").isPlausible else {
      return "has a code that does not look like one"
    }
    if let serial = line.field("serial") {
      guard serial.utf8.count <= Self.serialBytesMax else {
        return "has a serial number of more than \(Self.serialBytesMax) bytes"
      }
      if OddCharacter.unseen(in: serial) != nil { return "has a serial number with a character that can't be seen" }
      if serial == code { return "has the code as its serial number, which is not kept secret" }
    }
    if let text = line.field("cost") {
      guard let cost = Money(parsing: text, decimalMark: provider.decimalMark), cost >= Money(tenThousandths: 0) else {
        return "has a cost that is no amount, or reads in two ways (dispatcher provider set --decimal-mark)"
      }
    }
    if let text = line.field("expires"), Self.moment(text) == nil {
      return "has an expiry that is neither a day such as 2027-01-31 nor a moment such as 2027-01-31T12:00:00Z"
    }
    return nil
  }

  /// Of a day, its beginning: a code is not given out on the day that it ends.
  private static func moment(_ text: String) -> Int64? {
    Timestamp.milliseconds(ofDay: text) ?? Timestamp.milliseconds(text)
  }

  private static func there(_ known: KnownStockCode) -> String {
    known.id.map { "has a code that is there already, as code \($0)" }
      ?? "has a code that an order got from another provider"
  }
}
