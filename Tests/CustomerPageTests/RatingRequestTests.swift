import API
import HTTPServer
import Store
import Testing

@testable import CustomerPage

@Suite struct RatingRequestTests {
  private func read(_ body: String, form: Bool = false) throws(Problem) -> OrderRating {
    let type = form ? "application/x-www-form-urlencoded" : "application/json"
    return try RatingRequest.read(
      HTTPRequest(method: "POST", path: "/o/x/rating", headers: [("Content-Type", type)], body: Array(body.utf8)))
  }

  @Test func aFormOrJSON() throws {
    #expect(try read(#"{"stars":5,"text":" çok iyi\n"}"#) == OrderRating(stars: 5, text: "çok iyi"))
    #expect(try read(#"{"stars":"1"}"#) == OrderRating(stars: 1, text: ""))
    #expect(try read(#"{"stars":2,"text":null}"#) == OrderRating(stars: 2, text: ""))
    #expect(try read("stars=4&text=a%0D%0Ab+c", form: true) == OrderRating(stars: 4, text: "a\nb c"))
  }

  @Test func whatIsWrongIsNamed() {
    func problem(_ body: String, form: Bool = false) -> (Int, String?) {
      do throws(Problem) {
        _ = try read(body, form: form)
        return (200, nil)
      } catch { return (error.status, error.errors.first?.field) }
    }
    for body in ["", "[]", "{", #"{"stars":{}}"#] { #expect(problem(body) == (400, nil), "\(body)") }
    for body in ["{}", #"{"stars":0}"#, #"{"stars":6}"#, #"{"stars":4.5}"#, #"{"stars":"x"}"#] {
      #expect(problem(body) == (422, "stars"), "\(body)")
    }
    #expect(problem("text=x", form: true) == (422, "stars"))
    #expect(problem(#"{"stars":5,"note":"x"}"#) == (422, "note"))
    #expect(problem("{\"stars\":5,\"text\":\"\(String(repeating: "ş", count: 1001))\"}") == (422, "text"))
    #expect(problem(#"{"stars":5,"text":"a\u0007"}"#) == (422, "text"))
    #expect(problem("{\"stars\":5,\"text\":\"\(String(repeating: "ş", count: 1000))\"}") == (200, nil))
  }
}
