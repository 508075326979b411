import Adapters

/// One reading of a provider's list from its first page to its last, and whether that was all of it.
///
/// Pages are asked for by their number, and the list may grow meanwhile: each line then moves on by one, and the first line of
/// a page is the last one of the page before. A list is whole when as many different lines were read as it says that it has. If
/// it grew and has the newest line first, those that it had at the beginning are enough: what came later stands before them.
/// Anything else may have hidden a line: a page that was cut, that a proxy answered with another one, or that moved the other way.
struct StatementPass {
  /// More are asked for in shorter times: what was seen is in memory.
  static let linesMax = 2_000_000

  private var seen: Set<String> = []
  /// Different lines so far.
  private(set) var count = 0
  /// All lines so far.
  private var read = 0
  private var firstTotal: Int?
  private var lastTotal: Int?
  private var isNewestFirst = true
  private var lastAt: Int64?

  /// - Returns: the lines of a page that were not there before.
  /// - Throws: when the list is another one than the pages before were of.
  mutating func take(_ page: StatementPage) throws(StatementError) -> [StatementPage.Line] {
    if let before = lastTotal, page.total.map({ $0 < before }) ?? true {
      throw StatementError("the list got shorter while it was read")
    }
    if firstTotal == nil { firstTotal = page.total }
    lastTotal = page.total
    read += page.lines.count
    // A line without a name can't be known again.
    let new = page.lines.filter { $0.providerID.map { seen.insert($0).inserted } ?? true }
    count += new.count
    guard count <= Self.linesMax else {
      throw StatementError("the list has more than \(Self.linesMax) lines; ask for a shorter time")
    }
    for line in new {
      if let at = line.at, at <= lastAt ?? at { lastAt = at } else { isNewestFirst = false }
    }
    return new
  }

  /// Whether no page can have more of it.
  var isOver: Bool { lastTotal.map { read >= $0 } ?? false }

  /// What is wrong with the whole; nil: nothing.
  var doubt: String? {
    guard let firstTotal, let lastTotal, count != lastTotal else { return nil }
    if count == firstTotal, isNewestFirst { return nil }
    if firstTotal != lastTotal { return "the list grew while it was read; ask for a time that is over" }
    return "the list says that it has \(lastTotal) lines, and its pages have \(count) different ones"
  }
}
