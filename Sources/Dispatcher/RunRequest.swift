import API
import Orders
import Store
import Support

/// A move of many orders as a shop wants it: `{"filter": {"status": "held"}, "move": "failed", "note": "…", "dry_run": true}`.
struct RunRequest: Sendable {
  private static let known = ["filter", "move", "note", "by", "dry_run"]
  private static let valueBytesMax = 500

  /// As ``OrderSelection`` reads it.
  let filter: [String: String]
  let move: ManyMove
  let by: String?
  /// Nil for a dry run.
  let start: RunStart?

  /// Complains about everything that is wrong with it at once.
  init(_ json: JSONValue) throws(Problem) {
    guard case .object(let members) = json else {
      throw Self.invalid([.init(field: "(body)", message: "must be an object, not \(json.kind)")])
    }
    var errors: [Problem.FieldError] = []
    var isDry = false
    switch members["dry_run"] {
    case nil, .null: break
    case .bool(let value): isDry = value
    case .some(let other): errors.append(.init(field: "dry_run", message: "must be true or false, not \(other.kind)"))
    }
    filter = Self.filter(members["filter"], &errors)
    let names = ManyMove.all.map(\.name).joined(separator: ", ")
    var move: ManyMove?
    switch members["move"] {
    case .string(let name):
      move = ManyMove(name)
      if move == nil { errors.append(.init(field: "move", message: "is not known; it can be \(names)")) }
    case nil, .null: errors.append(.init(field: "move", message: "is missing; it can be \(names)"))
    case .some(let other): errors.append(.init(field: "move", message: "must be a string, not \(other.kind)"))
    }
    let note = RunStart.text("note", members, bytesMax: PersonMove.noteCharactersMax, &errors)
    by = RunStart.text("by", members, bytesMax: RunStart.byBytesMax, &errors)
    if !isDry { RunStart.judge(note, &errors) }
    for name in members.keys.filter({ !Self.known.contains($0) }).sorted().prefix(20) {
      errors.append(
        .init(field: name.prefix(bytes: 64), message: "is not known; this has \(Self.known.joined(separator: ", "))"))
    }
    guard errors.isEmpty, let move else { throw Self.invalid(errors) }
    self.move = move
    start = isDry ? nil : RunStart(note: note ?? "", by: by)
  }

  /// All that must fit; a list of statuses may be an array.
  private static func filter(_ json: JSONValue?, _ errors: inout [Problem.FieldError]) -> [String: String] {
    let keys = OrderSelection.keysOfShops.joined(separator: ", ")
    guard case .object(let members) = json else {
      errors.append(.init(field: "filter", message: "must be an object with one or more of \(keys)"))
      return [:]
    }
    var filter: [String: String] = [:]
    for (name, value) in members.sorted(by: { $0.key < $1.key }).prefix(20) {
      let field = "filter.\(name.prefix(bytes: 64))"
      var words: [String] = []
      switch value {
      case .string(let text): words = [text]
      case .array(let values) where name == "status":
        for case .string(let text) in values { words.append(text) }
        if words.count != values.count { words = [] }
      default: break
      }
      let text = words.joined(separator: ",")
      if !OrderSelection.keysOfShops.contains(name) {
        errors.append(.init(field: field, message: "is not known; a filter has \(keys)"))
      } else if words.isEmpty {
        errors.append(
          .init(field: field, message: "must be a string\(name == "status" ? " or an array of strings" : "")"))
      } else if let mistake = OrderText.mistake(in: text, bytesMax: valueBytesMax) {
        errors.append(.init(field: field, message: mistake))
      } else if !text.contains(where: { !$0.isWhitespace }) {
        errors.append(.init(field: field, message: "is blank"))
      } else {
        filter[name] = text
      }
    }
    // Every order of the shop is never meant by an empty filter.
    if members.isEmpty { errors.append(.init(field: "filter", message: "must have one or more of \(keys)")) }
    return filter
  }

  static func invalid(_ errors: [Problem.FieldError]) -> Problem {
    var problem = Problem.invalid(errors)
    problem.title = "Invalid run"
    return problem
  }
}
