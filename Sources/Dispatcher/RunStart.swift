import API
import Orders
import Store

/// Why a run is begun, and by whom: `{"note": "…", "by": "ayse"}`.
struct RunStart: Sendable {
  static let byBytesMax = 100
  private static let known = ["note", "by"]

  let note: String
  /// Who decides, where the token acts for somebody.
  let by: String?

  init(note: String, by: String?) { (self.note, self.by) = (note, by) }

  init(_ json: JSONValue) throws(Problem) {
    guard case .object(let members) = json else {
      throw RunRequest.invalid([.init(field: "(body)", message: "must be an object, not \(json.kind)")])
    }
    var errors: [Problem.FieldError] = []
    let note = Self.text("note", members, bytesMax: PersonMove.noteCharactersMax, &errors)
    by = Self.text("by", members, bytesMax: Self.byBytesMax, &errors)
    Self.judge(note, &errors)
    for name in members.keys.filter({ !Self.known.contains($0) }).sorted().prefix(20) {
      errors.append(
        .init(field: name.prefix(bytes: 64), message: "is not known; this has \(Self.known.joined(separator: ", "))"))
    }
    guard errors.isEmpty else { throw RunRequest.invalid(errors) }
    self.note = note ?? ""
  }

  static func judge(_ note: String?, _ errors: inout [Problem.FieldError]) {
    guard !(note ?? "").contains(where: { !$0.isWhitespace }), !errors.contains(where: { $0.field == "note" }) else {
      return
    }
    errors.append(.init(field: "note", message: "is missing: why, for whoever reads the orders' stories later"))
  }

  static func text(
    _ field: String, _ members: [String: JSONValue], bytesMax: Int, _ errors: inout [Problem.FieldError]
  ) -> String? {
    switch members[field] {
    case nil, .null: return nil
    case .string(let value):
      if let mistake = OrderText.mistake(in: value, bytesMax: bytesMax) {
        errors.append(.init(field: field, message: mistake))
      }
      return value
    case .halfSurrogate(let half):
      errors.append(.init(field: field, message: OrderText.mistake(half: half)))
      return nil
    case .some(let other):
      errors.append(.init(field: field, message: "must be a string, not \(other.kind)"))
      return nil
    }
  }
}
