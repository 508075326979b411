import Testing

@testable import Adapters

/// What goes out, and beside it what is stored and shown.
@Suite struct BodyTests {
  private func request(_ body: some WireBody) -> WireRequest {
    RequestBuilder().request(base: "https://api.example/", path: "/token", body: body)
  }

  @Test func aFormSaysWhatItIsAndHidesItsSecrets() {
    var form = FormBody()
    form.add("grant_type", "client_credentials")
    form.add("client_secret", secret: "a&b=c+d e%şğ\r\n")
    form.add("na&me", "x")
    let request = request(form)
    #expect(
      request.body.map { String(decoding: $0, as: UTF8.self) }
        == "grant_type=client_credentials&client_secret=a%26b%3Dc%2Bd%20e%25%C5%9F%C4%9F%0D%0A&na%26me=x")
    #expect(request.redacted == "POST /token grant_type=client_credentials&client_secret=•••&na%26me=x")
    #expect(request.method == "POST" && request.headers.map(\.value) == ["application/x-www-form-urlencoded"])
  }

  @Test func anEmptyFormIsABody() {
    let request = request(FormBody())
    #expect(request.method == "POST" && request.body == [])
  }

  @Test func aJSONBodySaysWhatItIsAndHidesItsSecrets() {
    var inner = JSONBody()
    inner.add("token", secret: "in\"side")
    var body = JSONBody()
    body.add("text", "a\"b\n")
    body.add("count", 7)
    body.add("login", inner)
    let request = request(body)
    #expect(
      request.body.map { String(decoding: $0, as: UTF8.self) }
        == #"{"text":"a\"b\n","count":7,"login":{"token":"in\"side"}}"#)
    #expect(request.redacted == #"POST /token {"text":"a\"b\n","count":7,"login":{"token":"•••"}}"#)
    #expect(request.headers.map(\.value) == ["application/json"])
  }
}
