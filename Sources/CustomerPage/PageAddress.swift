import API

/// A path of an order's page in its parts.
struct PageAddress {
  let token: String
  /// What stands behind it, such as `pin`; nil for the page itself.
  let rest: String?

  /// - Returns: nil for what has other parts.
  init?(_ path: String) {
    guard path.hasPrefix(PageLinks.prefix) else { return nil }
    let parts = path.dropFirst(PageLinks.prefix.count).split(separator: "/", omittingEmptySubsequences: false)
    guard let first = parts.first, parts.count <= 2, first.utf8.count <= PageToken.length else { return nil }
    token = String(first)
    rest = parts.count == 2 ? String(parts[1]) : nil
  }

  /// The path of an address, without a `/` at its end: of `https://shop.example/live` it is `/live`.
  static func path(of url: String) -> String {
    guard let scheme = url.firstRange(of: "://"), let slash = url[scheme.upperBound...].firstIndex(of: "/") else {
      return ""
    }
    return String(url[slash...])
  }
}
