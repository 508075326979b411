import CommandLine
import Orders

/// One member of a thing in a set-up file.
enum SetupValue: Sendable, Equatable {
  case text(String)
  case number(Int)
  case flag(Bool)
  case list([String])
  case map([String: String])
  /// Secrets by name, each with the variable that it is in.
  case references([String: String])

  /// For people; without line ends.
  var shown: String {
    switch self {
    case .text(let text): text
    case .number(let number): "\(number)"
    case .flag(let flag): "\(flag)"
    case .list(let texts): texts.isEmpty ? "(none)" : texts.joined(separator: ", ")
    case .map(let map): map.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    case .references(let names): names.keys.sorted().joined(separator: ", ")
    }
  }

  var json: String {
    switch self {
    case .text(let text): JSONText.quote(text)
    case .number(let number): "\(number)"
    case .flag(let flag): "\(flag)"
    case .list(let texts): JSONText.array(texts.map { JSONText.quote($0) })
    case .map(let map): JSONText.map(map)
    case .references(let names):
      "{"
        + names.sorted { $0.key < $1.key }.map { "\(JSONText.quote($0.key)):{\"env\":\(JSONText.quote($0.value))}" }
        .joined(separator: ",") + "}"
    }
  }
}

/// One thing of the set-up, in the words of a set-up file.
struct SetupThing: Sendable, Equatable {
  /// Also in which order they are made; they are removed in the reverse one.
  enum Kind: String, Sendable, CaseIterable {
    case tenant, partner, provider, route, token, endpoint
    /// The member of the file that lists them.
    var section: String { rawValue + "s" }
  }

  struct Field: Sendable, Equatable {
    let name: String
    let value: SetupValue
  }

  let kind: Kind
  /// What it is known by; whatever else changes, it is the same thing.
  let key: [Field]
  /// Those that have a value, in the order in which a file lists them.
  let fields: [Field]

  init(_ kind: Kind, key: [(String, SetupValue?)], _ fields: [(String, SetupValue?)] = []) {
    func given(_ list: [(String, SetupValue?)]) -> [Field] {
      list.compactMap { name, value in value.map { Field(name: name, value: $0) } }
    }
    self.kind = kind
    self.key = given(key)
    self.fields = given(fields)
  }

  /// Such as `route shop pubg-60 1`, `token dashboard ayse`.
  var title: String {
    ([kind.rawValue] + key.map { $0.value == .flag(true) ? $0.name : $0.value.shown }).joined(separator: " ")
  }
}
