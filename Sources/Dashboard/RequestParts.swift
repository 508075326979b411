import HTTPServer

extension HTTPRequest {
  /// A cookie's value; nil without it.
  func cookie(_ name: String) -> String? {
    for header in headers where header.name.lowercased() == "cookie" {
      for pair in header.value.split(separator: ";") {
        let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, parts[0] == name { return String(parts[1]) }
      }
    }
    return nil
  }

  /// Whether the browser says that a page of another site sent this.
  var isFromElsewhere: Bool {
    // No page can set this one, and no proxy rewrites it as many do with Host.
    if let site = header("Sec-Fetch-Site") { return site != "same-origin" && site != "none" }
    guard let origin = header("Origin"), let host = header("Host") else { return false }
    return origin != "http://\(host)" && origin != "https://\(host)"
  }

  /// Whether the client's connection is encrypted, by the word of the proxy in front.
  var isEncrypted: Bool { header("X-Forwarded-Proto")?.lowercased() == "https" }
}

/// Percent-encodes what goes into a query or a path.
func percentEncoded(_ text: String) -> String {
  var out = ""
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      out.unicodeScalars.append(Unicode.Scalar(byte))
    default: out += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
  }
  return out
}
