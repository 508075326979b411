import Cipher
import Orders
import Service

/// An order as the upstream service wrote it, judged field by field.
struct OrderRequest: Sendable {
  var product: String
  var fields: [String: String]
  var reference: String?
  var priority: Priority
  var quantity: Int
  /// In a batch only; a single order has it in a header.
  var idempotencyKey: String?

  static let productCharactersMax = 100
  static let referenceCharactersMax = 100
  static let fieldsMax = 50
  static let fieldNameCharactersMax = 64
  static let fieldValueCharactersMax = 500
  static let keyCharactersMax = 255
  static let quantityMax = 1_000_000

  /// Reads an order and complains about everything that is wrong with it at once.
  init(_ json: JSONValue, inBatch: Bool) throws(Problem) {
    guard case .object(let members) = json else {
      throw .invalid([.init(field: "(body)", message: "must be an object, not \(json.kind)")])
    }
    var errors: [Problem.FieldError] = []
    func complain(_ field: String, _ message: String) { errors.append(.init(field: field, message: message)) }

    func text(_ field: String, max: Int, required: Bool) -> String? {
      switch members[field] {
      case nil, .null:
        if required { complain(field, "is missing") }
        return nil
      case .string(let value):
        if value.isEmpty || value.count > max {
          complain(field, "must have 1 to \(max) characters")
          return nil
        }
        if value.unicodeScalars.contains(where: { $0.value < 0x20 }) {
          complain(field, "must not contain control characters")
          return nil
        }
        return value
      case .some(let other):
        complain(field, "must be a string, not \(other.kind)")
        return nil
      }
    }

    product = text("product", max: Self.productCharactersMax, required: true) ?? ""
    reference = text("reference", max: Self.referenceCharactersMax, required: false)
    idempotencyKey = inBatch ? text("idempotency_key", max: Self.keyCharactersMax, required: true) : nil

    fields = [:]
    switch members["fields"] {
    case nil, .null: break
    case .object(let values):
      if values.count > Self.fieldsMax { complain("fields", "must have at most \(Self.fieldsMax) members") }
      for (name, value) in values.sorted(by: { $0.key < $1.key }).prefix(Self.fieldsMax) {
        if name.isEmpty || name.count > Self.fieldNameCharactersMax
          || name.unicodeScalars.contains(where: { $0.value < 0x20 })
        {
          complain("fields", "names must have 1 to \(Self.fieldNameCharactersMax) characters, none a control character")
        } else if case .string(let text) = value {
          if text.count > Self.fieldValueCharactersMax {
            complain("fields.\(name)", "must have at most \(Self.fieldValueCharactersMax) characters")
          } else if text.unicodeScalars.contains(where: { $0.value == 0 }) {
            complain("fields.\(name)", "must not contain the character U+0000")
          }
          fields[name] = text
        } else {
          complain("fields.\(name)", "must be a string, not \(value.kind)")
        }
      }
    case .some(let other): complain("fields", "must be an object, not \(other.kind)")
    }

    priority = .normal
    switch members["priority"] {
    case nil, .null: break
    case .string(let name):
      if let known = Priority(rawValue: name) {
        priority = known
      } else {
        complain("priority", "must be high, normal or low")
      }
    case .some: complain("priority", "must be high, normal or low")
    }

    quantity = 1
    switch members["quantity"] {
    case nil, .null: break
    case .number(let number) where number == number.rounded() && number >= 1 && number <= Double(Self.quantityMax):
      quantity = Int(number)
    case .some: complain("quantity", "must be a whole number from 1 to \(Self.quantityMax)")
    }

    let known = ["product", "fields", "reference", "priority", "quantity"] + (inBatch ? ["idempotency_key"] : [])
    for name in members.keys.sorted() where !known.contains(name) {
      complain(name, "is not known; an order has \(known.joined(separator: ", "))")
    }
    guard errors.isEmpty else { throw .invalid(errors) }
  }

  /// The same for the same order, however its JSON was written.
  var hash: [UInt8] {
    Digest.sha256(
      JSONText.array([
        JSONText.quote(product), JSONText.map(fields), JSONText.quote(reference ?? ""),
        JSONText.quote(priority.rawValue), "\(quantity)",
      ]).utf8)
  }
}
