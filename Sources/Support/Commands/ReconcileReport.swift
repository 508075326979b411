import CommandLine
import Orders
import Store

/// What came of comparing a statement with orders.
struct ReconcileReport {
  /// One thing that differs, or was settled.
  struct Difference {
    let kind: StatementRule.Kind
    /// Of the statement; nil for what it lacks.
    let line: Int?
    let reference: String?
    let orderID: OrderID?
    let shopReference: String?
    /// As each side has it.
    let statusHere: String?
    let statusThere: String?
    let ours: Money?
    let theirs: Money?
    /// Milliseconds of Unix time.
    let at: Int64?
    var words: String
    /// What a person may say next; nil where nothing is to be said.
    let command: String?
    /// What the line did to the order: its status from then on.
    var settled: Status?
  }

  static let listedMax = 1000

  let provider: String
  let currency: String?
  let since: Int64
  let until: Int64
  let source: String
  /// Lines of the statement.
  var lines = 0
  /// Lines whose time is outside of what was asked for.
  var outside = 0
  var totals = StatementTotals()
  /// The first ``listedMax``.
  var differences: [Difference] = []
  var differenceCount = 0
  var unread: [StatementFile.Unread] = []
  var unreadCount = 0
  var settled = 0
  /// Orders that a line would settle, where that was not asked for.
  var settleable = 0

  var exitCode: Int32 { unreadCount > 0 ? 2 : differenceCount > 0 ? 1 : 0 }
}

extension ReconcileReport.Difference {
  static let csvHead =
    "kind,line,reference,order,shop_reference,status_here,status_there,amount_here,amount_there,at,words,settled,command\n"

  var csv: String {
    let cells: [String?] = [
      kind.rawValue, line.map(String.init), reference, orderID?.description, shopReference, statusHere, statusThere,
      ours?.description, theirs?.description, at.map { Timestamp.rfc3339($0) }, words, settled?.rawValue, command,
    ]
    return cells.map { Self.cell($0 ?? "") }.joined(separator: ",") + "\n"
  }

  /// What a spreadsheet would take for a formula comes behind an apostrophe.
  private static func cell(_ text: String) -> String {
    var text = ShownText.visible(text)
    if let first = text.utf8.first, "=+-@".utf8.contains(first), Money(parsing: text) == nil { text = "'" + text }
    guard text.utf8.contains(where: { "\",;\n\r".utf8.contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
