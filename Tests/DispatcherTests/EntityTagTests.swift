import API
import HTTPServer
import Testing

/// A tag stands for what an answer shows, and for nothing else.
@Suite struct EntityTagTests {
  @Test func anotherAnswerHasAnotherTag() {
    let tag = EntityTag.of(version: 4, shown: #"{"a":1}"#)
    #expect(tag == EntityTag.of(version: 4, shown: #"{"a":1}"#))
    #expect(tag.hasPrefix("\"4-") && tag.hasSuffix("\"") && tag.utf8.count == 28)
    for other in [
      EntityTag.of(version: 5, shown: #"{"a":1}"#), EntityTag.of(version: 4, shown: #"{"a":2}"#),
      EntityTag.of(version: 4, shown: #"{"a":1}"#, form: "-pin"),
    ] { #expect(tag != other) }
  }

  @Test(arguments: [
    ["\"x\""], ["*"], ["W/\"x\""], ["\"a\", \"x\""], ["\"a\",W/\"x\" ,\"b\""], ["\"a\"", " \"x\"\t"],
  ])
  func aTagIsKnown(_ headers: [String]) {
    #expect(EntityTag.isKnown("\"x\"", to: Self.request(headers)))
  }

  @Test(arguments: [[], [""], ["x"], ["\"x"], ["\"X\""], ["\"xx\""], ["w/\"x\""], ["\"x\"\"x\""], [","]])
  func anotherIsNot(_ headers: [String]) {
    #expect(!EntityTag.isKnown("\"x\"", to: Self.request(headers)))
  }

  private static func request(_ tags: [String]) -> HTTPRequest {
    HTTPRequest(path: "/", headers: tags.map { (name: "if-none-match", value: $0) })
  }
}
