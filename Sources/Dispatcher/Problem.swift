import CommandLine
import HTTPServer

/// An error answer (RFC 9457). The field errors name what to mend.
struct Problem: Error {
  struct FieldError: Sendable, Equatable {
    let field: String
    let message: String
  }
  var status: Int
  var title: String
  var detail: String
  var errors: [FieldError] = []
  var retryAfterSeconds: Int?
  var headers: [(String, String)] = []
  /// For programs; where nothing is given, what the status means by itself.
  var code: ProblemCode?

  static func invalid(_ errors: [FieldError]) -> Problem {
    Problem(
      status: 422, title: "Invalid order", detail: errors.map { "\($0.field): \($0.message)" }.joined(separator: "; "),
      errors: errors)
  }

  /// A wrong query. Nothing was done.
  static func invalidQuery(_ errors: [FieldError]) -> Problem {
    var problem = invalid(errors)
    problem.title = "Invalid query"
    return problem
  }

  static func unavailable(_ detail: String) -> Problem {
    Problem(
      status: 503, title: "Temporarily unavailable", detail: detail + "; nothing was lost, send it again",
      retryAfterSeconds: 1)
  }

  /// Too much was asked for; worth repeating after `wait`.
  static func tooMany(_ detail: String, _ wait: Duration) -> Problem {
    Problem(status: 429, title: "Too many requests", detail: detail, retryAfterSeconds: max(1, wait.secondsUp))
  }

  var json: String {
    JSONText.object([
      "type": JSONText.quote("about:blank"), "title": JSONText.quote(title), "status": "\(status)",
      "code": JSONText.quote((code ?? .of(status)).rawValue), "detail": JSONText.quote(detail),
      "errors": errors.isEmpty
        ? nil
        : JSONText.array(
          errors.map {
            JSONText.object(["field": JSONText.quote($0.field), "message": JSONText.quote($0.message)])
          }),
    ])
  }

  var response: HTTPResponse {
    var headers = [("Content-Type", "application/problem+json")] + self.headers
    if let retryAfterSeconds { headers.append(("Retry-After", "\(retryAfterSeconds)")) }
    if status == 401 { headers.append(("WWW-Authenticate", "Bearer")) }
    return HTTPResponse(status: status, headers: headers, body: Array((json + "\n").utf8))
  }
}
