import CommandLine
public import HTTPServer

/// An error answer (RFC 9457). The field errors name what to mend.
public struct Problem: Error {
  public struct FieldError: Sendable, Equatable {
    public let field: String
    public let message: String

    public init(field: String, message: String) { (self.field, self.message) = (field, message) }
  }
  public var status: Int
  public var title: String
  public var detail: String
  public var errors: [FieldError] = []
  public var retryAfterSeconds: Int?
  public var headers: [(String, String)] = []
  /// For programs; where nothing is given, what the status means by itself.
  public var code: ProblemCode?
  /// Further members, such as `oldest`; JSON already.
  public var members: [(name: String, json: String)] = []

  public init(
    status: Int, title: String, detail: String, errors: [FieldError] = [], retryAfterSeconds: Int? = nil,
    headers: [(String, String)] = [], code: ProblemCode? = nil
  ) {
    (self.status, self.title, self.detail, self.errors) = (status, title, detail, errors)
    (self.retryAfterSeconds, self.headers, self.code) = (retryAfterSeconds, headers, code)
  }

  public static func invalid(_ errors: [FieldError]) -> Problem {
    Problem(
      status: 422, title: "Invalid order", detail: errors.map { "\($0.field): \($0.message)" }.joined(separator: "; "),
      errors: errors)
  }

  /// A wrong query. Nothing was done.
  public static func invalidQuery(_ errors: [FieldError]) -> Problem {
    var problem = invalid(errors)
    problem.title = "Invalid query"
    return problem
  }

  public static func unavailable(_ detail: String) -> Problem {
    Problem(
      status: 503, title: "Temporarily unavailable", detail: detail + "; nothing was lost, send it again",
      retryAfterSeconds: 1)
  }

  /// Too much was asked for; worth repeating after `wait`.
  public static func tooMany(_ detail: String, _ wait: Duration) -> Problem {
    Problem(status: 429, title: "Too many requests", detail: detail, retryAfterSeconds: max(1, wait.secondsUp))
  }

  /// Without a line end.
  public var json: String {
    var object = JSONObjectText()
    object.add("type", "about:blank")
    object.add("title", title)
    object.add("status", json: "\(status)")
    object.add("code", (code ?? .of(status)).rawValue)
    object.add("detail", detail)
    if !errors.isEmpty {
      object.add(
        "errors",
        json: JSONText.array(
          errors.map {
            JSONText.object(["field": JSONText.quote($0.field), "message": JSONText.quote($0.message)])
          }))
    }
    for (name, json) in members { object.add(name, json: json) }
    return object.end()
  }

  public var response: HTTPResponse {
    var headers = [("Content-Type", "application/problem+json")] + self.headers
    if let retryAfterSeconds { headers.append(("Retry-After", "\(retryAfterSeconds)")) }
    if status == 401 { headers.append(("WWW-Authenticate", "Bearer")) }
    return HTTPResponse(status: status, headers: headers, body: Array((json + "\n").utf8))
  }
}
