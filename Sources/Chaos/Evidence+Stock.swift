extension Evidence {
  /// Codes of our own, as a run added them and as the stock has them.
  struct Stock: Codable, Sendable {
    /// One code as the database has it, found by the file and the line that it came from.
    struct Code: Codable, Sendable {
      /// What stands in that line; nil where nobody added such a line.
      var code: String?
      /// `free`, `reserved`, `given` or `written_off`.
      var state: String
      var order: String?
      var reference: String?
      var player: String?
      /// In ten-thousandths.
      var cost: Int64
    }

    /// All that was added.
    var added: [String]
    var codes: [Code]
    /// What `worker stock list` counts: `free`, `reserved`, `expired`, `given`, `written_off`.
    var levels: [String: Int]
    /// How often there was none left.
    var timesEmpty = 0

    /// For the report.
    var tally: [String: Int] {
      levels.merging(["added": added.count, "times empty": timesEmpty]) { first, _ in first }
    }
  }
}
