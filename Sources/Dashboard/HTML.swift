/// Writes HTML. Whatever comes from outside goes through ``escape(_:)``, in texts and in attributes alike.
enum HTML {
  static func escape(_ text: String) -> String {
    var out = ""
    out.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      // Not allowed in HTML, and shown as nothing.
      case _ where scalar.value < 0x20 && scalar != "\n" && scalar != "\t": out += "\u{FFFD}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  /// Roles are written out because a table that is shown as cards on a phone would lose them.
  static func table(_ table: PageModel.Table) -> String {
    let head = table.columns.map { #"<th scope="col" role="columnheader">\#(escape($0))</th>"# }.joined()
    let body = table.rows.map { row($0, table.columns) }.joined()
    let nothing =
      #"<tr class="nothing" role="row"><td role="cell" colspan="\#(table.columns.count)"><bdi>\#(escape(table.empty))</bdi></td></tr>"#
    return """
      <section class="card" id="\(escape(table.id))"><table role="table">
      <caption><h2>\(escape(table.caption))</h2><p class="note"><bdi>\(escape(table.note))</bdi></p></caption>
      <thead role="rowgroup"><tr role="row">\(head)</tr></thead>
      <tbody role="rowgroup">\(table.rows.isEmpty ? nothing : body)</tbody></table></section>

      """
  }

  private static func row(_ row: PageModel.Row, _ columns: [String]) -> String {
    let cells = zip(row.cells, columns).enumerated().map { index, pair in
      let (cell, column) = pair
      let (tag, role) = index == 0 ? (#"th scope="row""#, "rowheader") : ("td", "cell")
      return
        #"<\#(tag) role="\#(role)" data-label="\#(escape(column))" data-kind="\#(cell.kind.rawValue)"\#(tone(cell.tone))>"#
        + "\(content(cell))</\(tag.prefix(2))>"
    }
    return #"<tr role="row" data-key="\#(escape(row.key))">\#(cells.joined())</tr>"#
  }

  private static func content(_ cell: PageModel.Cell) -> String {
    let text = escape(cell.text)
    if cell.text.isEmpty { return "" }
    switch cell.kind {
    case .time: return time(cell.text)
    case .command: return "<code>\(text)</code>"
    case .text, .number, .badge, .wire:
      if let link = cell.link { return #"<a href="\#(escape(link))" dir="auto">\#(text)</a>"# }
      return #"<span dir="auto">\#(text)</span>"#
    }
  }

  /// The script puts it into the viewer's zone.
  static func time(_ rfc3339: String) -> String {
    let shown = rfc3339.prefix(19).replacing("T", with: " ") + " UTC"
    return #"<time dir="auto" datetime="\#(escape(rfc3339))">\#(escape(String(shown)))</time>"#
  }

  static func tone(_ tone: PageModel.Tone?) -> String { tone.map { #" data-tone="\#($0.rawValue)""# } ?? "" }
}
