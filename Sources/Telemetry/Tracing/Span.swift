import Orders

/// One step of a trace while it lasts. Only steps that are recorded have one.
struct Span: Sendable {
  /// The numbers are those of OTLP.
  enum Kind: Int, Sendable { case server = 2, client = 3, consumer = 5 }

  enum Value: Sendable, Equatable {
    case text(String)
    case number(Int64)
  }

  /// Of low cardinality: never an id.
  let name: String
  let kind: Kind
  /// Its trace, and its own id.
  let context: TraceContext
  /// The step that it is part of; nil for the first of its trace.
  let parent: UInt64?
  /// Nanoseconds of Unix time.
  var begunAt: UInt64
  var endedAt: UInt64 = 0
  var isError = false
  /// Never a credential, a PIN, a URL, or words of a provider.
  var attributes: [(String, Value)] = []

  mutating func set(_ name: String, _ text: String) { attributes.append((name, .text(text))) }
  mutating func set(_ name: String, _ number: Int) { attributes.append((name, .number(Int64(number)))) }
}
