import CommandLine

/// Writes HTML. Whatever comes from outside goes through ``escape(_:)``, in texts and in attributes alike.
enum HTML {
  static func escape(_ text: String) -> String { HTMLText.escape(text) }

  /// Longer words are broken where the line ends; shorter ones stay whole.
  private static let wordCharactersMax = 24

  /// Roles are written out because a table that is shown as cards on a phone would lose them.
  static func table(_ table: PageModel.Table) -> String {
    let head = table.columns.map { #"<th scope="col" role="columnheader">\#(escape($0))</th>"# }.joined()
    let body = table.rows.map { row($0, table.columns) }.joined()
    let nothing =
      #"<tr class="nothing" role="row"><td role="cell" colspan="\#(table.columns.count)"><bdi>\#(escape(table.empty))</bdi></td></tr>"#
    return """
      <section class="card" id="\(escape(table.id))">\(ticks(table))<table role="table">
      <caption><h2>\(escape(table.caption))</h2><p class="note"><bdi>\(sentence(table.note))</bdi></p></caption>
      <thead role="rowgroup"><tr role="row">\(head)</tr></thead>
      <tbody role="rowgroup">\(table.rows.isEmpty ? nothing : body)</tbody></table>\(more(table))</section>

      """
  }

  private static func more(_ table: PageModel.Table) -> String {
    let links =
      [table.more.map { ($0, table.moreWords) }, table.download.map { ($0, "All of them as CSV") }].compactMap(\.self)
    guard !links.isEmpty else { return "" }
    let text = links.map { #"<a href="\#(escape($0.0))">\#(escape($0.1))</a>"# }.joined(separator: " · ")
    return #"<p class="more">\#(text)</p>"#
  }

  private static func row(_ row: PageModel.Row, _ columns: [String]) -> String {
    let cells = zip(row.cells, columns).enumerated().map { index, pair in
      let (cell, column) = pair
      let (tag, role) = index == 0 ? (#"th scope="row""#, "rowheader") : ("td", "cell")
      return
        #"<\#(tag) role="\#(role)" data-label="\#(escape(column))" data-kind="\#(cell.kind.rawValue)"\#(tone(cell.tone))\#(isLong(cell) ? " data-long" : "")>"#
        + "\(content(cell))</\(tag.prefix(2))>"
    }
    return #"<tr role="row" data-key="\#(escape(row.key))">\#(cells.joined())</tr>"#
  }

  private static func isLong(_ cell: PageModel.Cell) -> Bool {
    cell.text.split { $0.isWhitespace || $0 == "-" }.contains { $0.count > wordCharactersMax }
  }

  private static func content(_ cell: PageModel.Cell) -> String {
    if cell.text.isEmpty { return "" }
    switch cell.kind {
    case .time: return time(cell.text)
    case .command: return "<code>\(words(cell.text))</code>"
    case .text, .number, .badge, .wire:
      let text = sentence(cell.text)
      let box = cell.tick.map(tick) ?? ""
      if let link = cell.link { return box + #"<a href="\#(escape(link))" dir="auto">\#(text)</a>"# }
      return box + #"<span dir="auto">\#(text)</span>"#
    }
  }

  private static func tick(_ tick: PageModel.Tick) -> String {
    #"<input type="checkbox" form="\#(escape(tick.form))" name="\#(escape(tick.name))" value="1" aria-label="\#(escape(tick.label))"\#(tick.isOn ? " checked" : "")> "#
  }

  /// Works without a script as well, by loading the page again.
  private static func ticks(_ table: PageModel.Table) -> String {
    guard let path = table.ticks, !table.rows.isEmpty else { return "" }
    let on = table.rows.count { $0.cells.contains { $0.tick?.isOn ?? false } }
    return #"<p class="ticks">Tick: <a href="\#(escape(path))?tick=all" data-tick="all">all</a> · "#
      + #"<a href="\#(escape(path))?tick=none" data-tick="none">none</a> · "#
      + "<span data-ticked>\(on) of \(table.rows.count) ticked</span></p>"
  }

  /// Each word on its own, so that a line never ends within `--completed`.
  private static func words(_ command: String) -> String {
    command.split(separator: " ", omittingEmptySubsequences: false).map { "<span>\(escape(String($0)))</span>" }
      .joined(separator: " ")
  }

  /// A text with the moments in it as the viewer's.
  static func sentence(_ text: String) -> String {
    MarkedTime.parts(text).map { part in
      switch part {
      case .text(let text): escape(String(text))
      case .time(let time): Self.time(String(time), isInText: true)
      }
    }.joined()
  }

  /// The script puts it into the viewer's zone.
  ///
  /// - Parameter isInText: to the minute.
  static func time(_ rfc3339: String, isInText: Bool = false) -> String {
    let shown = rfc3339.prefix(isInText ? 16 : 19).replacing("T", with: " ") + " UTC"
    let precision = isInText ? #" data-precision="minute""# : ""
    return #"<time dir="auto"\#(precision) datetime="\#(escape(rfc3339))">\#(escape(String(shown)))</time>"#
  }

  static func tone(_ tone: PageModel.Tone?) -> String { tone.map { #" data-tone="\#($0.rawValue)""# } ?? "" }
}
