/// Builds a JSON object and its redacted twin from the same list, in the order of the calls.
struct JSONBody {
  private var members: [(name: String, value: String, shown: String)] = []

  mutating func add(_ name: String, _ value: String) {
    members.append((name, Self.quote(value), Self.quote(value)))
  }

  mutating func add(_ name: String, secret value: String) {
    members.append((name, Self.quote(value), Self.quote(RequestBuilder.dots)))
  }

  mutating func add(_ name: String, _ value: Int) { members.append((name, "\(value)", "\(value)")) }

  mutating func add(_ name: String, _ value: Bool) { members.append((name, "\(value)", "\(value)")) }

  mutating func add(_ name: String, _ value: JSONBody) { members.append((name, value.text, value.shown)) }

  /// With the secrets in it.
  var text: String { Self.object(members.map { ($0.name, $0.value) }) }

  /// With the secrets replaced.
  var shown: String { Self.object(members.map { ($0.name, $0.shown) }) }

  private static func object(_ members: [(String, String)]) -> String {
    "{" + members.map { "\(quote($0)):\($1)" }.joined(separator: ",") + "}"
  }

  /// So that no value can end itself or begin another member.
  private static func quote(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
