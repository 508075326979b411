import CommandLine
import Orders
import Store

/// One object of a set-up file, with the path that names it in complaints.
struct SetupObject {
  /// Such as `routes[3]`.
  let path: String
  private let members: [String: JSONValue]

  /// - Throws: ``UsageError`` for what is no object, or has a member that nobody knows.
  init(_ value: JSONValue, _ path: String, known: [String]) throws(UsageError) {
    guard case .object(let members) = value else { throw UsageError("\(path) must be an object, not \(value.kind)") }
    self.path = path
    self.members = members
    for name in members.keys.sorted() where !known.contains(name) {
      let meant = Nearest.of(name, among: known).map { "; did you mean \($0)?" } ?? ""
      throw complaint(
        String(name.prefix(64)), "is not known\(meant.isEmpty ? "; there is \(known.joined(separator: ", "))" : meant)")
    }
  }

  func complaint(_ member: String, _ text: String) -> UsageError {
    UsageError("\(path.isEmpty ? "" : path + ".")\(member) \(text)")
  }

  subscript(member: String) -> JSONValue? {
    if case .null? = members[member] { return nil }
    return members[member]
  }

  func text(_ member: String) throws(UsageError) -> String? {
    switch self[member] {
    case nil: return nil
    case .string(let text)?: return text
    case .number?, .bool?: throw complaint(member, "must be a string: write it in quotes")
    case .some(let other): throw complaint(member, "must be a string, not \(other.kind)")
    }
  }

  func required(_ member: String) throws(UsageError) -> String {
    guard let text = try text(member), !text.isEmpty else { throw complaint(member, "is missing") }
    return text
  }

  func number(_ member: String) throws(UsageError) -> Int? {
    switch self[member] {
    case nil: return nil
    case .number(let number)?:
      guard let whole = Int(exactly: number) else { throw complaint(member, "must be a whole number") }
      return whole
    case .some(let other): throw complaint(member, "must be a number, not \(other.kind)")
    }
  }

  func flag(_ member: String) throws(UsageError) -> Bool? {
    switch self[member] {
    case nil: return nil
    case .bool(let flag)?: return flag
    case .some(let other): throw complaint(member, "must be true or false, not \(other.kind)")
    }
  }

  /// - Parameter word: a text that may stand there instead of a list.
  func list(_ member: String, or word: String? = nil) throws(UsageError) -> [String]? {
    guard let value = self[member] else { return nil }
    if case .string(let text) = value, text == word { return [text] }
    guard case .array(let values) = value else {
      throw complaint(member, "must be a list of strings\(word.map { " or \($0)" } ?? ""), not \(value.kind)")
    }
    var texts: [String] = []
    for (index, value) in values.enumerated() {
      guard case .string(let text) = value else {
        throw complaint("\(member)[\(index)]", "must be a string, not \(value.kind)")
      }
      texts.append(text)
    }
    return texts
  }

  func map(_ member: String) throws(UsageError) -> [String: String] {
    guard let value = self[member] else { return [:] }
    guard case .object(let inner) = value else { throw complaint(member, "must be an object, not \(value.kind)") }
    let object = try SetupObject(.object(inner), "\(path).\(member)", known: Array(inner.keys))
    var texts: [String: String] = [:]
    for name in inner.keys.sorted() {
      // Null says nothing, and a value that says nothing is no value.
      guard let text = try object.text(name) else { throw object.complaint(name, "must be a string, not null") }
      texts[name] = text
    }
    return texts
  }

  /// Members as the flags of the command that sets up the same thing: `check_backoff` is `--check-backoff`.
  func arguments(
    texts: [String] = [], numbers: [String] = [], more: [String: String?] = [:], _ grammar: Arguments.Grammar
  ) throws(UsageError) -> Arguments {
    var line: [String] = []
    for name in texts { if let text = try text(name) { line.append("--\(name.replacing("_", with: "-"))=\(text)") } }
    for name in numbers {
      if let number = try number(name) { line.append("--\(name.replacing("_", with: "-"))=\(number)") }
    }
    for (flag, text) in more { if let text { line.append("\(flag)=\(text)") } }
    return try Arguments(line, grammar: grammar)
  }

  /// What flags are called here, where they are not called alike.
  private static let members = [
    "--param": "params", "--credential": "credentials", "--scope": "scopes", "--field": "fields",
    "--partner": "partners",
  ]

  /// Judges by what the command of the same thing judges by; its complaint names the member instead of the flag.
  func asCommand<Result>(_ judge: () throws(UsageError) -> Result) throws(UsageError) -> Result {
    do throws(UsageError) { return try judge() } catch {
      let text = error.description
      guard text.hasPrefix("--") else { throw UsageError("\(path): \(text)") }
      let flag = String(text.prefix { $0 != " " })
      let member = Self.members[flag] ?? String(flag.dropFirst(2)).replacing("-", with: "_")
      throw complaint(member, String(text.dropFirst(flag.count + 1)))
    }
  }
}
