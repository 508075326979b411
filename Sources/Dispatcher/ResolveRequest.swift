import API
import CommandLine
import Orders
import Store

/// What a person decided, as `worker order resolve` has it in flags: `{"completed": true, "pin": "…", "note": "…"}`.
struct ResolveRequest: Sendable {
  private static let pinBytesMax = 500
  private static let noteBytesMax = PersonMove.noteCharactersMax
  private static let byBytesMax = 100

  let choice: PersonChoice
  let note: String
  /// Who decides, where the token acts for somebody.
  let by: String?
  let pin: Pin?
  let isDespiteAcceptance: Bool

  /// Complains about everything that is wrong with it at once.
  init(_ json: JSONValue) throws(Problem) {
    guard case .object(let members) = json else {
      throw .invalid([.init(field: "(body)", message: "must be an object, not \(json.kind)")])
    }
    var errors: [Problem.FieldError] = []
    func complain(_ field: String, _ message: String) { errors.append(.init(field: field, message: message)) }
    func flag(_ field: String) -> Bool {
      switch members[field] {
      case nil, .null: return false
      case .bool(let value): return value
      case .some(let other):
        complain(field, "must be true or false, not \(other.kind)")
        return false
      }
    }
    func text(_ field: String, bytesMax: Int) -> String? {
      switch members[field] {
      case nil, .null: return nil
      case .string(let value):
        if let mistake = OrderText.mistake(in: value, bytesMax: bytesMax) { complain(field, mistake) }
        return value
      case .halfSurrogate(let half):
        complain(field, OrderText.mistake(half: half))
        return nil
      case .some(let other):
        complain(field, "must be a string, not \(other.kind)")
        return nil
      }
    }
    let names = PersonChoice.allCases.map(\.rawValue)
    let given = PersonChoice.allCases.filter { flag($0.rawValue) }
    if given.count != 1 { complain("(body)", "must have one of \(names.joined(separator: ", ")) as true") }
    note = text("note", bytesMax: Self.noteBytesMax) ?? ""
    if !note.contains(where: { !$0.isWhitespace }) {
      complain("note", "is missing: why, for whoever reads this order's story later")
    }
    by = text("by", bytesMax: Self.byBytesMax)
    let secret = text("pin", bytesMax: Self.pinBytesMax)
    pin = secret.map { Pin($0) }
    if let secret {
      // The customer could not type what can't be seen.
      do { _ = try SecretText.read(secret, "it") } catch { complain("pin", "\(error)") }
      if given != [.completed] { complain("pin", "goes only with completed") }
      if note.contains(secret) { complain("note", "contains the PIN; notes are not encrypted, so leave it out") }
    }
    isDespiteAcceptance = flag("despite_acceptance")
    if isDespiteAcceptance, given != [.notReceived] { complain("despite_acceptance", "goes only with not_received") }
    let known = names + ["note", "by", "pin", "despite_acceptance"]
    for name in members.keys.filter({ !known.contains($0) }).sorted().prefix(known.count) {
      complain(name.prefix(bytes: Self.byBytesMax), "is not known; this has \(known.joined(separator: ", "))")
    }
    guard errors.isEmpty, let choice = given.first else { throw .invalid(errors) }
    self.choice = choice
  }
}
