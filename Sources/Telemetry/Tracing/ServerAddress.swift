/// The host and port of a URL: all of it that may be shown.
public struct ServerAddress: CustomStringConvertible {
  let host: String
  let port: Int

  /// nil unless `url` is of http or https and names a host.
  public init?(url: String) {
    guard let mark = url.firstRange(of: "://"), ["http", "https"].contains(url[..<mark.lowerBound].lowercased()) else {
      return nil
    }
    var authority = url[mark.upperBound...].prefix { !"/?#".contains($0) }
    // A password may hold an @ of its own.
    if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
    let hostEnd = authority.lastIndex(of: "]") ?? authority.startIndex
    var port = url[..<mark.lowerBound].count == 5 ? 443 : 80
    if let colon = authority[hostEnd...].lastIndex(of: ":") {
      guard let number = UInt16(authority[colon...].dropFirst()) else { return nil }
      port = Int(number)
      authority = authority[..<colon]
    }
    if authority.first == "[", authority.last == "]" { authority = authority.dropFirst().dropLast() }
    guard !authority.isEmpty else { return nil }
    host = String(authority)
    self.port = port
  }

  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
