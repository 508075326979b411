/// A moment within a sentence, for a reader whose zone is not known here.
///
/// It stands between two scalars of Unicode's private use area, which texts of people hardly ever have.
public enum MarkedTime {
  static let opening: Character = "\u{E0F0}"
  static let closing: Character = "\u{E0F1}"

  /// - Parameter rfc3339: in UTC.
  public static func mark(_ rfc3339: String) -> String { "\(opening)\(rfc3339)\(closing)" }

  public enum Part: Equatable {
    case text(Substring)
    /// RFC 3339, as far as whoever marked it kept to that.
    case time(Substring)
  }

  /// What a sentence consists of.
  public static func parts(_ sentence: String) -> [Part] {
    var parts: [Part] = []
    var rest = sentence[...]
    while let start = rest.firstIndex(of: opening), let end = rest[start...].firstIndex(of: closing) {
      if start > rest.startIndex { parts.append(.text(rest[..<start])) }
      parts.append(.time(rest[rest.index(after: start)..<end]))
      rest = rest[rest.index(after: end)...]
    }
    if !rest.isEmpty { parts.append(.text(rest)) }
    return parts
  }
}
