/// Rows whose columns stand below each other whatever is in them: every table that a command prints.
public struct TextTable: Sendable {
  public struct Column: Sendable {
    let title: String
    let isRight: Bool
    let widthMax: Int?

    /// - Parameters:
    ///   - title: empty for none.
    ///   - isRight: for numbers.
    ///   - widthMax: columns of the terminal; more is cut and ends with `…`. nil for no limit.
    public init(_ title: String = "", isRight: Bool = false, widthMax: Int? = nil) {
      self.title = title
      self.isRight = isRight
      self.widthMax = widthMax
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []
  private static let gap = "  "

  public init(_ columns: [Column]) { self.columns = columns }

  /// Left-aligned columns with these titles.
  public init(_ titles: String...) { self.init(titles.map { Column($0) }) }

  public var isEmpty: Bool { rows.isEmpty }

  /// Adds a row. Cells that are missing at its end are empty.
  public mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The lines, with the titles first if there are any.
  ///
  /// - Parameters:
  ///   - width: columns that a line may take; longer ones are cut. nil for no limit.
  ///   - output: whether what is printed goes to a terminal.
  public func lines(width: Int? = nil, on output: TextOutput = .standard) -> [String] {
    var all = rows
    if columns.contains(where: { !$0.title.isEmpty }) { all.insert(columns.map(\.title), at: 0) }
    let shown = all.map { row in
      columns.indices.map { index in
        let text = index < row.count ? ShownText.visible(row[index]) : ""
        return columns[index].widthMax.map { ShownText.cut(text, to: $0) } ?? text
      }
    }
    let widths = columns.indices.map { index in shown.lazy.map { DisplayWidth.of($0[index]) }.max() ?? 0 }
    return shown.map { line($0, widths, width, output) }
  }

  public func text(width: Int? = nil, on output: TextOutput = .standard) -> String {
    lines(width: width, on: output).joined(separator: "\n")
  }

  private func line(_ cells: [String], _ widths: [Int], _ width: Int?, _ output: TextOutput) -> String {
    var line = ""
    var used = 0
    let last = cells.lastIndex { !$0.isEmpty } ?? 0
    for (index, cell) in cells.enumerated() where index <= last && widths[index] > 0 {
      let gap = line.isEmpty ? "" : Self.gap
      let room = width.map { $0 - used - gap.count } ?? Int.max
      guard room > 0 else { break }
      line += gap
      used += gap.count
      let text = ShownText.cut(cell, to: room)
      let taken = DisplayWidth.of(text)
      let pad = String(repeating: " ", count: max(0, min(widths[index], room) - taken))
      let isolated = output.isTerminal ? ShownText.isolated(text) : text
      // Nothing follows the last cell, so nothing is put behind it.
      line += columns[index].isRight ? pad + isolated : isolated + (index == last ? "" : pad)
      used += taken + pad.count
    }
    return line
  }
}
