import API
import Cipher
import CommandLine
import Orders
import Support

/// An order as the upstream service wrote it, judged field by field.
struct OrderRequest: Sendable {
  var product: String
  var fields: [String: String]
  var shopReference: String?
  var priority: Priority
  var quantity: Int
  /// As it was written.
  var metadata: String?
  /// In a batch only; a single order has it in a header.
  var idempotencyKey: IdempotencyKey?

  // Both stand in every event, and the reference in an index, where 2,704 bytes is the most.
  static let productBytesMax = 100
  static let referenceBytesMax = 100
  static let fieldsMax = 50
  static let fieldNameBytesMax = 64
  static let fieldValueBytesMax = 500
  /// Most members that are no order's and are named in the answer.
  private static let unknownNamedMax = 20
  static let quantityMax = 1_000_000

  init(_ order: WrittenOrder, inBatch: Bool) throws(Problem) {
    try self.init(order.json, metadata: order.metadata, inBatch: inBatch)
  }

  /// Reads an order and complains about everything that is wrong with it at once.
  ///
  /// - Parameter metadata: the member of this name as it was written.
  init(_ json: JSONValue, metadata: String? = nil, inBatch: Bool) throws(Problem) {
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
        if let mistake = OrderText.mistake(in: value, bytesMax: max) {
          complain(field, mistake)
          return nil
        }
        return value
      case .halfSurrogate(let half):
        complain(field, OrderText.mistake(half: half))
        return nil
      case .some(let other):
        complain(field, "must be a string, not \(other.kind)")
        return nil
      }
    }

    product = text("product", max: Self.productBytesMax, required: true) ?? ""
    shopReference = text("reference", max: Self.referenceBytesMax, required: false)
    idempotencyKey = nil
    if inBatch {
      switch members["idempotency_key"] {
      case nil, .null: complain("idempotency_key", "is missing")
      case .string(let written):
        do throws(IdempotencyKey.Mistake) { idempotencyKey = try IdempotencyKey(written) } catch {
          complain("idempotency_key", error.text)
        }
      case .halfSurrogate(let half): complain("idempotency_key", OrderText.mistake(half: half))
      case .some(let other): complain("idempotency_key", "must be a string, not \(other.kind)")
      }
    }

    fields = [:]
    switch members["fields"] {
    case nil, .null: break
    case .object(let values):
      if values.count > Self.fieldsMax { complain("fields", "must have at most \(Self.fieldsMax) members") }
      for (name, value) in values.sorted(by: { $0.key < $1.key }).prefix(Self.fieldsMax) {
        if let mistake = OrderText.mistake(in: name, bytesMax: Self.fieldNameBytesMax) {
          complain("fields", "has a member whose name \(mistake)")
          continue
        }
        switch value {
        case .string(let text):
          if let mistake = OrderText.mistake(in: text, bytesMin: 0, bytesMax: Self.fieldValueBytesMax) {
            complain("fields.\(name)", mistake)
          }
          fields[name] = text
        case .halfSurrogate(let half): complain("fields.\(name)", OrderText.mistake(half: half))
        default: complain("fields.\(name)", "must be a string, not \(value.kind)")
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

    self.metadata = metadata
    if let metadata, let mistake = Metadata.mistake(in: members[WrittenOrder.metadataName], written: metadata) {
      complain(WrittenOrder.metadataName, mistake)
    }

    let known =
      ["product", "fields", "reference", "priority", "quantity", WrittenOrder.metadataName]
      + (inBatch ? ["idempotency_key"] : [])
    // Not all of thousands, and not all of a long one: the answer is no larger than what it is about.
    for name in members.keys.filter({ !known.contains($0) }).sorted().prefix(Self.unknownNamedMax) {
      complain(
        name.prefix(bytes: Self.fieldNameBytesMax), "is not known; an order has \(known.joined(separator: ", "))")
    }
    guard errors.isEmpty else { throw .invalid(errors) }
  }

  /// The same for the same order, however its JSON was written.
  var hash: [UInt8] {
    var parts = [
      JSONText.quote(product), JSONText.map(fields), JSONText.quote(shopReference ?? ""),
      JSONText.quote(priority.rawValue), "\(quantity)",
    ]
    // Nothing of it where there is none: so were orders hashed before there was any.
    if let metadata { parts.append(String(decoding: Metadata.canonical(metadata), as: UTF8.self)) }
    return Digest.sha256(JSONText.array(parts).utf8)
  }
}
