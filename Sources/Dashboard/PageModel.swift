import CommandLine

/// What one page shows, without how: the server writes it as HTML, and the script in the page applies the same thing as
/// JSON, so a figure is put into words in one place only.
struct PageModel: Sendable {
  /// How a thing stands, for its colour; never told by the colour alone.
  enum Tone: String, Sendable { case good, warning, bad, muted }

  /// What a cell holds.
  enum Kind: String, Sendable {
    case text, number
    /// RFC 3339; shown in the viewer's zone.
    case time
    /// To be copied into a terminal.
    case command
    /// One or two words on how the row stands.
    case badge
    /// Bytes as they were on the wire.
    case wire
  }

  /// A box of a form that stands elsewhere on the page.
  struct Tick: Sendable {
    /// The id of the form that sends it.
    var form: String
    var name: String
    /// For who does not see the row.
    var label: String
    var isOn: Bool
  }

  struct Cell: Sendable {
    /// Moments in it are marked (``MarkedTime``), as in ``lead`` and the notes.
    var text: String
    var kind = Kind.text
    /// A path of this dashboard.
    var link: String?
    var tone: Tone?
    /// Before the text. Never on a page that is kept up to date.
    var tick: Tick?

    init(_ text: String, _ kind: Kind = .text, link: String? = nil, tone: Tone? = nil) {
      self.text = text
      self.kind = kind
      self.link = link
      self.tone = tone
    }

    static func number(_ number: Int, tone: Tone? = nil) -> Cell { Cell("\(number)", .number, tone: tone) }

    var json: String {
      JSONText.object([
        "text": JSONText.quote(text), "kind": JSONText.quote(kind.rawValue), "link": link.map(JSONText.quote),
        "tone": tone.map { JSONText.quote($0.rawValue) },
      ])
    }
  }

  struct Row: Sendable {
    /// Names the row among those of its table, so that an update finds it.
    var key: String
    /// The first names the row.
    var cells: [Cell]
  }

  struct Table: Sendable {
    var id: String
    var caption: String
    /// What the caption can't say shortly.
    var note = ""
    var columns: [String]
    var rows: [Row]
    /// What stands there without rows.
    var empty: String
    /// A path of this dashboard where it goes on.
    var more: String?
    var moreWords = "Older ones"
    /// A path of this dashboard where all of it is had as CSV.
    var download: String?
    /// A path of this dashboard that shows it with all or none of its rows ticked; nil where none has a box.
    var ticks: String?

    var json: String {
      JSONText.object([
        "id": JSONText.quote(id), "note": JSONText.quote(note), "empty": JSONText.quote(empty),
        "rows": JSONText.array(
          rows.map { row in
            JSONText.object(["key": JSONText.quote(row.key), "cells": JSONText.array(row.cells.map(\.json))])
          }),
      ])
    }
  }

  var title: String
  var heading: String
  /// The page in one sentence, said aloud by screen readers when it changes.
  var lead: String
  var tone: Tone
  /// RFC 3339, UTC.
  var asOf: String
  /// Whether it can still change.
  var isLive = true
  /// What was done a moment ago.
  var notice: String?
  /// How much of how much is done.
  var progress: (done: Int, all: Int)?
  /// Above the tables.
  var forms: [Form] = []
  /// Figures as pictures, above the tables.
  var charts: [Chart] = []
  var tables: [Table]

  var json: String {
    JSONText.object([
      "title": JSONText.quote(title), "lead": JSONText.quote(lead), "tone": JSONText.quote(tone.rawValue),
      "asOf": JSONText.quote(asOf), "isLive": "\(isLive)",
      "progress": progress.map { "{\"done\":\($0.done),\"all\":\($0.all)}" },
      "tables": JSONText.array(tables.map(\.json)),
    ])
  }
}
