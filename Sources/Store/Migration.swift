/// One file of `Migrations`: a script that is one transaction, and after it indexes that are built outside of one.
///
/// Building an index stops all writes to its table for as long as it takes. Built concurrently it stops none, but that
/// can't be part of a transaction. So such indexes stand behind the line ``outsideMark``, each a statement of its own
/// `CREATE INDEX CONCURRENTLY NAME ON …;`, or `CREATE UNIQUE INDEX …`; and those that are not needed any longer
/// as `DROP INDEX CONCURRENTLY NAME;`. Whether one is done, the database itself knows: see ``IndexBuilder``.
struct Migration: Sendable {
  /// An index that is built, or dropped, while writes go on.
  struct Index: Sendable, Equatable {
    let name: String
    let statement: String
    var isDropped = false
  }

  static let outsideMark = "-- Outside a transaction:"
  private static let drop = "DROP INDEX CONCURRENTLY "
  private static let begins = ["CREATE INDEX CONCURRENTLY ", "CREATE UNIQUE INDEX CONCURRENTLY ", drop]

  let script: String
  let indexes: [Index]
  /// The oldest program that goes on working once it is applied; nil when the file's first line does not say so.
  let oldestProgram: Int?

  init(_ text: String) {
    oldestProgram = Migrator.oldestProgram(text)
    guard let mark = text.firstRange(of: "\n" + Self.outsideMark) else {
      (script, indexes) = (text, [])
      return
    }
    script = String(text[..<mark.lowerBound]) + "\n"
    // Without comments, which may hold a semicolon.
    let lines = text[mark.upperBound...].split(separator: "\n").filter { !$0.hasPrefix("--") }
    indexes = lines.joined(separator: "\n").split(separator: ";").compactMap { statement in
      let words = statement.drop { $0.isWhitespace }
      guard let begin = Self.begins.first(where: { words.hasPrefix($0) }) else { return nil }
      return Index(
        name: String(words.dropFirst(begin.count).prefix { !$0.isWhitespace }), statement: String(words),
        isDropped: begin == Self.drop)
    }
  }
}
