import Adapters
import CommandLine
import EventLoop
import Orders
import Store

/// Reads a provider's statement from a CSV file, as the operator describes it.
@LoopActor
struct StatementFile {
  /// What a column holds, under the name that the file has for it.
  enum Column: String, CaseIterable { case reference, amount, status, at, id }

  /// A line that can't be read.
  struct Unread {
    let line: Int
    let why: String
  }

  nonisolated static let textBytesMax = 200
  nonisolated static let linesMax = 10_000_000

  let file: CSVFile
  /// The names of the columns in the file; what the operator did not name stands under its own name, if at all.
  let columns: [Column: String]
  let meanings: [String: StatementRule.Meaning]
  /// Minutes that the file's times are ahead of UTC where they don't say it themselves.
  let offset: Int64
  let decimalMark: Money.DecimalMark?
  /// Our reference from the form in which the provider has it.
  let reference: (String) -> String

  /// - Parameters:
  ///   - take: is handed the lines in batches.
  ///   - refuse: is handed what can't be read; whether its reference could be.
  func read(
    _ progress: Progress, take: @escaping @LoopActor ([StatementStore.Line]) async throws -> Void,
    refuse: @escaping @LoopActor (Unread, _ hasReference: Bool) -> Void
  ) async throws {
    var batch: [StatementStore.Line] = []
    var required = [columns[.reference] ?? "reference"]
    // One with the provider's own names needs none of ours.
    if columns[.reference] == nil, let id = columns[.id] { required = [id] }
    for name in columns.values where !required.contains(name) { required.append(name) }
    try await file.read(required: required) { row, read, size in
      progress.show(read, of: size)
      guard row.number <= Self.linesMax else {
        throw CSVFile.Failure("\(file.path) has more than \(Self.linesMax) lines")
      }
      if let problem = row.problem { return refuse(Unread(line: row.number, why: problem), false) }
      let (line, why) = line(row)
      if let why { refuse(Unread(line: row.number, why: why), line != nil) }
      guard let line else { return }
      batch.append(line)
      if batch.count == StatementStore.batchMax {
        try await take(batch)
        batch = []
      }
    }
    if !batch.isEmpty { try await take(batch) }
  }

  private func field(_ column: Column, _ row: CSVFile.Line) -> String? {
    row.field((columns[column] ?? column.rawValue).lowercased())
  }

  /// A line whose reference can be read is kept whatever else is wrong with it: it still is one line more about it.
  private func line(_ row: CSVFile.Line) -> (StatementStore.Line?, String?) {
    let (named, id) = (field(.reference, row), field(.id, row))
    guard named != nil || id != nil else { return (nil, "has neither a reference nor the provider's own id") }
    for text in [named, id].compactMap(\.self) where text.utf8.count > Self.textBytesMax {
      return (nil, "has a reference or id of more than \(Self.textBytesMax) bytes")
    }
    var line = StatementStore.Line(number: row.number, reference: named.map(reference), providerOrderID: id)
    var why: String?
    if let text = field(.amount, row) {
      line.amount = Money(parsing: text, decimalMark: decimalMark)
      if line.amount == nil {
        why = "has an amount that is none, or reads in two ways (dispatcher provider set --decimal-mark)"
      }
    }
    if let text = field(.at, row) {
      line.at = StatementTime.milliseconds(text, offset: offset)
      if line.at == nil { why = why ?? "has a time that can't be read: \(ShownText.visible(String(text.prefix(40))))" }
    }
    if let text = field(.status, row) {
      if text.utf8.count <= Self.textBytesMax {
        line.status = text
        line.meaning = meanings[text]
      } else {
        why = why ?? "has a status of more than \(Self.textBytesMax) bytes"
      }
    }
    line.isDamaged = why != nil
    return (line, why)
  }
}
