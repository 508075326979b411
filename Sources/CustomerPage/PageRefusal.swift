import API

/// Why something was not done on an order's page, for programs and for people.
struct PageRefusal: Error {
  /// nil for what failed.
  let problem: Problem?
  /// The key of the sentence for people.
  let notice: String
  /// What failed, for whoever answers to that.
  let other: (any Error)?

  init(_ status: Int, _ code: ProblemCode, _ detail: String, _ notice: String) {
    self.init(
      Problem(status: status, title: status == 403 ? "Forbidden" : "Conflict", detail: detail, code: code), notice)
  }

  init(_ problem: Problem, _ notice: String) { (self.problem, self.notice, other) = (problem, notice, nil) }

  init(_ error: any Error) { (problem, notice, other) = (nil, "", error) }

  static let contested = PageRefusal(
    409, .contested, "the order is contested; its PIN is not shown until a person has decided", "pin.contested")

  /// What the body says; what it throws as something that failed.
  static func passing<Value>(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
  ) async throws(PageRefusal) -> Value {
    do { return try await body() } catch { throw PageRefusal(error) }
  }
}
