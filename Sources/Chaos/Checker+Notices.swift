/// What providers post by themselves moves nothing. That nothing came of a lie is seen where orders are compared with the panel;
/// here it is that a gateway does not tell strangers which orders there are.
extension Checker {
  private static let taken = 202
  private static let refused = 403
  /// A gateway or its servers are away, or it is asked too often.
  private static let away: Set<Int> = [0, 429, 500, 503]

  mutating func checkNotices() {
    for (what, count) in evidence.notices.sorted(by: { $0.key < $1.key }) {
      let words = what.split(separator: " ")
      guard words.count == 2, let status = Int(words[1]), !Self.away.contains(status) else { continue }
      let wanted = words[0] == "garbage" ? Self.refused : Self.taken
      if status != wanted { blame(.notice, "\(count) notices (\(words[0])) were answered \(status), not \(wanted)") }
    }
  }
}
