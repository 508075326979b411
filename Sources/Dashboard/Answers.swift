import HTTPServer

/// The kinds of answers that the dashboard gives.
enum Answers {
  /// On every answer. A form that a page of ours sends must name its origin, so the referrer stays within the site.
  static let securityHeaders = [
    (
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
        + " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"), ("Cache-Control", "no-store"),
    ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
  ]

  static let style = resource(PackageResources.style_css, "text/css")
  static let script = resource(PackageResources.app_js, "text/javascript")

  static func html(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, headers: [("Content-Type", "text/html; charset=utf-8")], body: Array(text.utf8))
  }

  static func json(_ text: String) -> HTTPResponse { .json(Array(text.utf8)) }

  static func text(_ text: String, status: Int) -> HTTPResponse { .text(text + "\n", status: status) }

  /// - Parameter path: one of ours.
  static func redirect(_ path: String, status: Int) -> HTTPResponse {
    HTTPResponse(status: status, headers: [("Location", path)])
  }

  /// The path when it is one of this site's, else the overview: a link must not lead from the login to another site.
  static func ownPath(_ path: String?) -> String {
    guard let path, path.hasPrefix("/"), !path.hasPrefix("//"),
      path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
    else { return "/" }
    return path
  }

  private static func resource(_ bytes: [UInt8], _ type: String) -> HTTPResponse {
    HTTPResponse(status: 200, headers: [("Content-Type", "\(type); charset=utf-8")], body: bytes)
  }
}
