import Foundation

@testable import Dispatcher

/// Holds JSON against a schema, for the keywords that `openapi.json` uses. One that it does not know is a problem, so that
/// nothing goes unchecked.
struct JSONSchema {
  /// Where `$ref` leads.
  let root: JSONValue
  private static let notes: Set = ["description", "title", "default", "example", "examples"]

  /// Every way in which `value` is not what `schema` says; each begins with where.
  func problems(_ value: JSONValue, _ schema: JSONValue, at place: String = "$") -> [String] {
    guard case .object(let keywords) = schema else { return ["\(place): the schema is not an object"] }
    var found: [String] = []
    for (keyword, rule) in keywords.sorted(by: { $0.key < $1.key }) where !Self.notes.contains(keyword) {
      found += check(keyword, rule, value, keywords, place)
    }
    return found
  }

  private func check(
    _ keyword: String, _ rule: JSONValue, _ value: JSONValue, _ schema: [String: JSONValue], _ place: String
  ) -> [String] {
    func unless(_ holds: Bool) -> [String] { holds ? [] : ["\(place): \(keyword) does not hold for \(value.text)"] }
    switch (keyword, rule, value) {
    case ("$ref", .string(let path), _):
      return resolve(path).map { problems(value, $0, at: place) } ?? ["\(place): \(path) leads nowhere"]
    case ("type", .string(let name), _): return unless(value.isA(name))
    case ("type", .array(let names), _): return unless(names.contains { $0.string.map(value.isA) ?? false })
    case ("enum", .array(let values), _): return unless(values.map(\.text).contains(value.text))
    case ("const", let constant, _): return unless(constant.text == value.text)
    case ("oneOf", .array(let choices), _):
      return unless(choices.count { problems(value, $0, at: place).isEmpty } == 1)
    case ("minLength", .number(let least), .string(let text)): return unless(Double(text.count) >= least)
    case ("maxLength", .number(let most), .string(let text)): return unless(Double(text.count) <= most)
    case ("pattern", .string(let pattern), .string(let text)):
      return unless(text.range(of: pattern, options: .regularExpression) != nil)
    case ("format", .string("uuid"), .string(let text)): return unless(UUID(uuidString: text) != nil)
    case ("format", .string("date-time"), .string(let text)):
      return unless(text.range(of: #"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"#, options: .regularExpression) != nil)
    case ("format", .string("uri"), .string(let text)): return unless(URL(string: text)?.scheme != nil)
    case ("minimum", .number(let least), .number(let number)): return unless(number >= least)
    case ("maximum", .number(let most), .number(let number)): return unless(number <= most)
    case ("minItems", .number(let least), .array(let items)): return unless(Double(items.count) >= least)
    case ("maxItems", .number(let most), .array(let items)): return unless(Double(items.count) <= most)
    case ("items", let item, .array(let items)):
      return items.enumerated().flatMap { problems($1, item, at: "\(place)[\($0)]") }
    case ("maxProperties", .number(let most), .object(let members)): return unless(Double(members.count) <= most)
    case ("propertyNames", let rule, .object(let members)):
      return members.keys.sorted().flatMap { problems(.string($0), rule, at: "\(place) name") }
    case ("required", .array(let names), .object(let members)):
      return names.compactMap(\.string).filter { members[$0] == nil }.map { "\(place): \($0) is missing" }
    case ("properties", .object(let rules), .object(let members)):
      return members.sorted { $0.key < $1.key }.flatMap { name, member in
        rules[name].map { problems(member, $0, at: "\(place).\(name)") } ?? []
      }
    case ("additionalProperties", let rule, .object(let members)):
      let known = schema["properties"]?.object.map { Set($0.keys) } ?? []
      return members.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }.flatMap { name, member in
        if case .bool(let isAllowed) = rule { return isAllowed ? [] : ["\(place): \(name) is not described"] }
        return problems(member, rule, at: "\(place).\(name)")
      }
    case ("minLength", .number, _), ("maxLength", .number, _), ("pattern", .string, _), ("format", .string("uuid"), _),
      ("format", .string("date-time"), _), ("format", .string("uri"), _), ("minimum", .number, _),
      ("maximum", .number, _), ("minItems", .number, _),
      ("maxItems", .number, _), ("items", _, _), ("maxProperties", .number, _), ("propertyNames", _, _),
      ("required", .array, _), ("properties", .object, _), ("additionalProperties", _, _):
      // About another type than the value has.
      return []
    default: return ["\(place): the schema has \(keyword): \(rule.text), which this checker does not know"]
    }
  }

  /// `#/components/schemas/Order`.
  func resolve(_ path: String) -> JSONValue? {
    path.split(separator: "/").dropFirst().reduce(Optional(root)) { $0?[String($1)] }
  }
}

extension JSONValue {
  subscript(_ name: String) -> JSONValue? { object?[name] }

  var object: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }
  var array: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
  var string: String? { if case .string(let text) = self { text } else { nil } }

  /// As JSON, members sorted: equal for equal values.
  var text: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let number): number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
    case .string(let text): "\"\(text)\""
    case .halfSurrogate(let half): "\"\\u\(String(half, radix: 16))\""
    case .array(let items): "[" + items.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value.text)" }.joined(separator: ",") + "}"
    }
  }

  fileprivate func isA(_ type: String) -> Bool {
    switch (type, self) {
    case ("null", .null), ("boolean", .bool), ("number", .number), ("string", .string), ("array", .array),
      ("object", .object):
      true
    case ("integer", .number(let number)): number == number.rounded()
    default: false
    }
  }
}
