internal import CCurl

/// What of a URL may be shown: host and port.
struct Endpoint: CustomStringConvertible {
  let description: String
  /// As the URL has it.
  let host: String
  let scheme: String

  /// nil unless `url` is a well-formed `http` or `https` URL.
  init?(url: String) {
    guard !url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else { return nil }
    let parsed = curl_url()
    defer { curl_url_cleanup(parsed) }
    guard curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK,
      let scheme = Self.part(CURLUPART_SCHEME, of: parsed), scheme == "http" || scheme == "https",
      let host = Self.part(CURLUPART_HOST, of: parsed), let port = Self.part(CURLUPART_PORT, of: parsed)
    else { return nil }
    self.host = host
    self.scheme = scheme
    description = "\(host):\(port)"
  }

  private static func part(_ part: CURLUPart, of url: OpaquePointer?) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(url, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }
}
