import API
import EventLoop
import HTTPServer

/// The kinds of answers that an order's page gives, and what stands on each of them.
enum PageAnswers {
  /// Nothing inline, nothing from elsewhere; the address, which is a secret, is told to nobody.
  static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    + " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
  /// A logo is a picture, whatever is in it.
  private static let logoPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
  private static let everywhere = [
    ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Resource-Policy", "same-origin"), ("X-Robots-Tag", "noindex, nofollow"),
  ]
  private static let secret = [
    ("Cache-Control", "no-store"), ("Content-Security-Policy", policy), ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Vary", "Accept, Accept-Language"),
  ]

  static func html(_ text: String, _ language: PageLanguage, status: Int = 200) -> HTTPResponse {
    HTTPResponse(
      status: status,
      headers: [("Content-Type", "text/html; charset=utf-8"), ("Content-Language", language.rawValue)] + secret
        + everywhere, body: Array(text.utf8))
  }

  static func json(_ text: String) -> HTTPResponse {
    HTTPResponse(
      status: 200, headers: [("Content-Type", "application/json")] + secret + everywhere,
      body: Array((text + "\n").utf8))
  }

  static func problem(_ problem: Problem) -> HTTPResponse {
    var response = problem.response
    response.headers += secret + everywhere
    return response
  }

  /// To the page itself, so that a reload does nothing twice.
  static func seeOther(_ path: String) -> HTTPResponse {
    HTTPResponse(status: 303, headers: [("Location", path)] + secret + everywhere)
  }

  static func notModified(_ tag: String) -> HTTPResponse {
    HTTPResponse(status: 304, headers: [("ETag", tag)] + secret + everywhere)
  }

  /// A file that its address names the version of.
  static func file(_ bytes: [UInt8], _ type: String) -> HTTPResponse {
    HTTPResponse(
      status: 200,
      headers: [
        ("Content-Type", "\(type); charset=utf-8"), ("Cache-Control", "public, max-age=31536000, immutable"),
        ("Content-Security-Policy", "default-src 'none'"),
      ] + everywhere, body: bytes)
  }

  static func logo(_ bytes: [UInt8], _ type: String) -> HTTPResponse {
    HTTPResponse(
      status: 200,
      headers: [
        ("Content-Type", type), ("Cache-Control", "private, max-age=86400"), ("Content-Security-Policy", logoPolicy),
      ] + everywhere, body: bytes)
  }

  /// Whether a request wants JSON: one that asks for it and for no page; one that posts and asks for no page.
  static func wantsJSON(_ request: HTTPRequest) -> Bool {
    let accepted = request.headers("Accept").joined(separator: ",").lowercased()
    guard !accepted.contains("text/html") else { return false }
    if accepted.contains("application/json") { return true }
    return request.method == "POST"
      && request.header("Content-Type")?.lowercased() != "application/x-www-form-urlencoded"
  }
}
