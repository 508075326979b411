/// Guesses what was meant by a word that is not known.
public enum Nearest {
  /// ` (did you mean --status?)`, or nothing when no word is near.
  public static func hint(_ word: String, among known: [String]) -> String {
    of(word, among: known).map { " (did you mean \($0)?)" } ?? ""
  }

  /// The known word that takes the fewest changes, when those are few for its length.
  public static func of(_ word: String, among known: [String]) -> String? {
    let most = max(1, word.count / 3)
    let ranked = known.map { (word: $0, distance: distance(Array(word), Array($0))) }
    if let best = ranked.min(by: { ($0.distance, $0.word) < ($1.distance, $1.word) }), best.distance <= most {
      return best.word
    }
    // A word that was not written to its end, when that fits one only.
    let begun = known.filter { word.count >= 3 && $0.hasPrefix(word) }
    return begun.count == 1 ? begun[0] : nil
  }

  /// Letters to add, drop, change, or swap with their neighbour (optimal string alignment).
  static func distance(_ first: [Character], _ second: [Character]) -> Int {
    var rows = [Array(0...second.count)]
    for i in 1..<(first.count + 1) {
      var row = [i]
      for j in 1..<(second.count + 1) {
        let cost = first[i - 1] == second[j - 1] ? 0 : 1
        var best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + cost)
        if i > 1, j > 1, first[i - 1] == second[j - 2], first[i - 2] == second[j - 1] {
          best = min(best, rows[i - 2][j - 2] + 1)
        }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[first.count][second.count]
  }
}
