import API
import Adapters
import HTTPServer
import Orders
import Store

/// What a customer posts to rate an order: a form or JSON, `{"stars":5,"text":"…"}`.
enum RatingRequest {
  /// - Throws: ``Problem`` with status 400 for what is no JSON, 422 that names the field.
  static func read(_ request: HTTPRequest) throws(Problem) -> OrderRating {
    let isForm = request.header("Content-Type")?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false
    let (stars, text): (String?, String?)
    if isForm {
      let form = request.form
      (stars, text) = (form["stars"], form["text"])
    } else {
      guard let fields = FlatObject.read(request.body) else {
        throw Problem(
          status: 400, title: "Bad request", detail: "the body must be JSON such as {\"stars\":5,\"text\":\"…\"}",
          code: .notJSON)
      }
      if let name = fields.keys.sorted().first(where: { $0 != "stars" && $0 != "text" }) {
        throw invalid(name, "is not known; use stars, text")
      }
      (stars, text) = (fields["stars"], fields["text"])
    }
    guard let number = stars.flatMap({ Int($0) }), (1...5).contains(number) else {
      throw invalid("stars", "must be a number from 1 to 5")
    }
    // As a browser sends its lines, and with nothing that moves a cursor.
    let words = (text ?? "").replacing("\r\n", with: "\n").trimmed
    guard words.unicodeScalars.count <= OrderRating.textCharactersMax else {
      throw invalid("text", "must have at most \(OrderRating.textCharactersMax) characters")
    }
    let lines = words.split(separator: "\n", omittingEmptySubsequences: false)
    if let odd = lines.lazy.compactMap({ OddCharacter.control(in: $0) }).first {
      throw invalid("text", "holds the control character \(OddCharacter.name(odd))")
    }
    return OrderRating(stars: number, text: words)
  }

  private static func invalid(_ field: String, _ message: String) -> Problem {
    var problem = Problem.invalid([.init(field: field, message: message)])
    problem.title = "Invalid rating"
    return problem
  }
}

extension String {
  fileprivate var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
