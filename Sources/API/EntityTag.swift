internal import Cipher
public import HTTPServer

/// Names what an answer shows, so that who asks again gets it only when it is another (RFC 9110, `ETag`).
///
/// It is made of the answer itself: whatever an order shows by now, or will one day, another answer has another tag.
public enum EntityTag {
  private static let hashBytes = 12

  /// A strong tag: equal for equal answers only.
  ///
  /// - Parameters:
  ///   - version: of the order, for people who look.
  ///   - shown: the answer without its PIN. A hash of a PIN would tell it to whoever tries them all; one that comes or
  ///     changes does so with the order's version.
  ///   - form: tells answers of one order apart which show it in different ways.
  public static func of(version: Int, shown: String, form: String = "") -> String {
    let hash = Hexadecimal.encode(Array(Digest.sha256(shown.utf8).prefix(hashBytes)))
    return "\"\(version)-\(hash)\(form)\""
  }

  /// Whether the client says that it has the answer of this tag. What it says wrongly counts as not said.
  public static func isKnown(_ tag: String, to request: HTTPRequest) -> Bool {
    request.headers("If-None-Match").contains { header in
      // Nearly every time.
      if header == tag { return true }
      return header.split(separator: ",").contains { item in
        var item = item.drop { $0 == " " || $0 == "\t" }
        while item.last == " " || item.last == "\t" { item.removeLast() }
        // Compared weakly, as for GET: a proxy may have made it a weak one.
        if item.hasPrefix("W/") { item.removeFirst(2) }
        return item == tag || item == "*"
      }
    }
  }
}
