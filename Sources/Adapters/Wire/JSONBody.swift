import Orders

/// Builds a JSON object and its redacted twin from the same list, in the order of the calls.
struct JSONBody: WireBody {
  static let contentType = "application/json"

  private var members: [(name: String, value: String, shown: String)] = []

  mutating func add(_ name: String, _ value: String) {
    members.append((name, value.jsonQuoted, value.jsonQuoted))
  }

  mutating func add(_ name: String, secret value: String) {
    members.append((name, value.jsonQuoted, RequestBuilder.dots.jsonQuoted))
  }

  mutating func add(_ name: String, _ value: Int) { members.append((name, "\(value)", "\(value)")) }

  /// A number as it is written, which the caller has judged.
  mutating func add(_ name: String, number value: String) { members.append((name, value, value)) }

  mutating func add(_ name: String, _ value: Bool) { members.append((name, "\(value)", "\(value)")) }

  mutating func add(_ name: String, _ value: JSONBody) { members.append((name, value.text, value.shown)) }

  var text: String { Self.object(members.map { ($0.name, $0.value) }) }

  var shown: String { Self.object(members.map { ($0.name, $0.shown) }) }

  private static func object(_ members: [(String, String)]) -> String {
    "{" + members.map { "\($0.jsonQuoted):\($1)" }.joined(separator: ",") + "}"
  }
}
