public import CommandLine

/// What links to this gateway begin with.
public enum PublicURL {
  /// Without a `/` at its end.
  ///
  /// - Throws: ``UsageError`` when it is no http or https address.
  public static func read(_ settings: Settings) throws(UsageError) -> String {
    let text = try settings.string(.publicURL)
    guard !text.isEmpty else { return "http://" + (try settings.string(.gatewayAddress)) }
    let rest = ["https://", "http://"].first { text.hasPrefix($0) }.map { text.dropFirst($0.count) }
    guard let rest, let first = rest.first, first != "/",
      rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"?#\"<>\\".utf8.contains($0) })
    else { throw settings.wrong(.publicURL, text, "an address such as https://live.shop.example") }
    return String(text.reversed().drop { $0 == "/" }.reversed())
  }
}
