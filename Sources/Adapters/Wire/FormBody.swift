/// Builds a form, as token requests of OAuth want it, and its redacted twin from the same list, in the order of the calls.
struct FormBody: WireBody {
  static let contentType = "application/x-www-form-urlencoded"

  private(set) var text = ""
  private(set) var shown = ""

  mutating func add(_ name: String, _ value: String) {
    append(name, RequestBuilder.encoded(value), RequestBuilder.encoded(value))
  }

  mutating func add(_ name: String, secret value: String) {
    append(name, RequestBuilder.encoded(value), RequestBuilder.dots)
  }

  /// A document as one field; shown as it is read, and not as it is sent.
  mutating func add(_ name: String, _ document: some WireBody) {
    append(name, RequestBuilder.encoded(document.text), document.shown)
  }

  /// A blank is `%20`, which every server reads as one; some take `+` for itself.
  private mutating func append(_ name: String, _ value: String, _ shownValue: String) {
    let name = (text.isEmpty ? "" : "&") + RequestBuilder.encoded(name)
    text += "\(name)=\(value)"
    shown += "\(name)=\(shownValue)"
  }
}
