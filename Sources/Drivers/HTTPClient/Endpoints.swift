import EventLoop

/// A URL in two: who is asked, which most URLs share, and for what.
struct SplitURL {
  let endpoint: Endpoint
  /// Up to the path, with a slash.
  let origin: String
  /// Path and query as they go into the request's first line.
  let target: String
}

/// The endpoints of URLs.
@LoopActor
final class Endpoints {
  /// Most that are remembered.
  private static let knownMax = 64

  /// By what stands before the path.
  private var known: [Substring: (endpoint: Endpoint, origin: String)] = [:]

  nonisolated init() {}

  /// Nil for a URL that curl must read as a whole: one without a path, or that may not be well-formed, or whose target would
  /// not be what stands there.
  func split(_ url: String) -> SplitURL? {
    let bytes = url.utf8
    guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") }),
      let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: "://".utf8),
      let path = bytes[bytes.index(colon, offsetBy: 3)...].firstIndex(where: { "/?".utf8.contains($0) }),
      bytes[path] == UInt8(ascii: "/"), !Self.hasDots(bytes[path...])
    else { return nil }
    let target = String(url[path...])
    if let found = known[url[..<path]] {
      return SplitURL(endpoint: found.endpoint, origin: found.origin, target: target)
    }
    let origin = "\(url[..<path])/"
    guard let endpoint = Endpoint(url: url) else { return nil }
    if known.count >= Self.knownMax { known = [:] }
    known[origin.dropLast()] = (endpoint, origin)
    return SplitURL(endpoint: endpoint, origin: origin, target: target)
  }

  /// Whether a part of the path may be `.` or `..`, which curl takes out.
  private static func hasDots(_ target: Substring.UTF8View) -> Bool {
    var before: UInt8 = 0
    for byte in target {
      if byte == UInt8(ascii: "?") { return false }
      if byte == UInt8(ascii: "."), before == UInt8(ascii: "/") { return true }
      before = byte
    }
    return false
  }
}
