/// Any JSON, so that a request can be judged field by field and each complaint can name its field.
enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  /// A string with this half of a surrogate pair (U+D800 to U+DFFF) in it: JSON can write it, but it is no text.
  case halfSurrogate(UInt32)
  case array([JSONValue])
  case object([String: JSONValue])

  /// nil when the bytes are not JSON; ``JSONReader/read(_:)`` says why.
  init?(parsing bytes: [UInt8]) {
    guard let value = try? JSONReader.read(bytes) else { return nil }
    self = value
  }

  /// For a complaint: "must be a string, not a number".
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a string"
    case .halfSurrogate: "a string that holds half of a surrogate pair"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
