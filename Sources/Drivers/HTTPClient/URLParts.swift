internal import CCurl

/// The parts of a URL as the client will understand them: `http://2130706433` is `127.0.0.1` here too.
public struct URLParts: Sendable {
  /// Lower case.
  public let scheme: String
  /// A name or an address, which has brackets in version 6.
  public let host: String
  public let hasUserinfo: Bool
  public let hasQuery: Bool
  public let hasFragment: Bool

  /// nil when it is not a URL, or one without a host.
  public init?(_ url: String) {
    guard !url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else { return nil }
    let parsed = curl_url()
    defer { curl_url_cleanup(parsed) }
    func part(_ part: CURLUPart) -> String? {
      var text: UnsafeMutablePointer<CChar>?
      guard curl_url_get(parsed, part, &text, 0) == CURLUE_OK, let text else { return nil }
      defer { curl_free(text) }
      return String(cString: text)
    }
    guard curl_url_set(parsed, CURLUPART_URL, url, UInt32(CURLU_NON_SUPPORT_SCHEME)) == CURLUE_OK,
      let scheme = part(CURLUPART_SCHEME), let host = part(CURLUPART_HOST), !host.isEmpty
    else { return nil }
    self.scheme = scheme.lowercased()
    self.host = host
    hasUserinfo = part(CURLUPART_USER) != nil || part(CURLUPART_PASSWORD) != nil
    hasQuery = part(CURLUPART_QUERY) != nil
    hasFragment = part(CURLUPART_FRAGMENT) != nil
  }

  /// The address that the host is by itself, without asking anyone; nil for a name, except that of this machine.
  public var address: IPAddress? {
    var name = host[...]
    while name.last == "." { name.removeLast() }
    if name.lowercased() == "localhost" || name.lowercased().hasSuffix(".localhost") { return IPAddress("127.0.0.1") }
    return IPAddress(name.first == "[" ? name.dropFirst().dropLast() : name)
  }
}
