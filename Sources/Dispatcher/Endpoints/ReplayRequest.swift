import API
import Store
import Orders

/// Which deliveries are to be posted again.
struct ReplayRequest {
  private static let known = ["after", "until", "only", "dry_run"]
  let replay: EndpointStore.Replay
  let isDry: Bool

  init(_ json: JSONValue) throws(Problem) {
    guard case .object(let members) = json else {
      throw .invalid([.init(field: "(body)", message: "must be an object, not \(json.kind)")])
    }
    var errors: [Problem.FieldError] = []
    func position(_ field: String) -> Int64? {
      switch members[field] {
      case nil, .null: return nil
      case .number(let number) where number == number.rounded() && number >= 0 && number < 9e15: return Int64(number)
      case .some: errors.append(.init(field: field, message: "must be a position, a whole number from 0"))
      }
      return nil
    }
    let (after, until) = (position("after"), position("until"))
    var all = false
    switch members["only"] {
    case nil, .null: break
    case .string(let text) where text == "undelivered": break
    case .string(let text) where text == "all": all = true
    case .some: errors.append(.init(field: "only", message: "must be undelivered or all"))
    }
    var isDry = false
    switch members["dry_run"] {
    case nil, .null: break
    case .bool(let value): isDry = value
    case .some(let other): errors.append(.init(field: "dry_run", message: "must be true or false, not \(other.kind)"))
    }
    for name in members.keys.filter({ !Self.known.contains($0) }).sorted().prefix(20) {
      errors.append(
        .init(field: name.prefix(bytes: 64), message: "is not known; use \(Self.known.joined(separator: ", "))"))
    }
    guard errors.isEmpty else {
      var problem = Problem.invalid(errors)
      problem.title = "Invalid replay"
      throw problem
    }
    // What concerns no order stands below 0.
    replay = EndpointStore.Replay(after: after ?? .min, until: until ?? .max, all: all)
    self.isDry = isDry
  }
}
