import API
import HTTPServer
import Orders

/// What tells an order that is repeated from a new one.
///
/// One key has one spelling, since two are two orders and both are paid. So blanks and tabs around it, which HTTP does
/// not count to a header's value, are dropped; `"k"`, the form of the IETF's draft of the header (a string as RFC 8941
/// has it), is `k`; and anything but visible ASCII is refused: other bytes reach us in as many forms as there are HTTP
/// libraries, or not at all. The key of an order in a batch is read by the same rule.
struct IdempotencyKey: Sendable, Equatable {
  static let bytesMax = 255
  static let header = "Idempotency-Key"

  /// What is wrong with a key, in words that go on after its name.
  struct Mistake: Error, Equatable {
    let text: String
    init(_ text: String) { self.text = text }
  }

  let text: String
  /// As it was written where that is something else: orders that were recorded before keys were read so have it.
  let written: String?

  init(_ written: String) throws(Mistake) {
    let trimmed = Self.withoutBlanks(written)
    let text = trimmed.first == "\"" ? try Self.unquoted(trimmed) : trimmed
    guard (1...Self.bytesMax).contains(text.utf8.count) else {
      throw Mistake("must have 1 to \(Self.bytesMax) characters, all of them visible ASCII")
    }
    if let odd = text.unicodeScalars.first(where: { !(0x21...0x7E).contains($0.value) }) {
      throw Mistake(
        odd == "\u{FFFD}"
          ? "holds bytes that are no ASCII; only visible ASCII (! to ~) is taken"
          : "holds \(OddCharacter.name(odd)); only visible ASCII (! to ~) is taken")
    }
    self.text = text
    self.written = text.isExactly(written) ? nil : written
  }

  /// The key of a request.
  ///
  /// - Throws: ``Problem`` with status 400 when there is none, it is no key, or it is given twice and not the same.
  static func of(_ request: HTTPRequest) throws(Problem) -> IdempotencyKey {
    func refuse(_ detail: String) -> Problem {
      Problem(status: 400, title: "Bad request", detail: detail, code: .idempotencyKey)
    }
    var key: IdempotencyKey?
    for written in request.headersAsWritten(header) {
      let this: IdempotencyKey
      do throws(Mistake) { this = try IdempotencyKey(written) } catch {
        throw refuse("the header \(header) \(error.text)")
      }
      guard key == nil || key?.text == this.text else {
        throw refuse("the header \(header) is there twice, with two values; give each order one key")
      }
      key = key ?? this
    }
    guard let key else {
      throw refuse(
        "the header \(header) is missing: give each order a key of its own, and the same when you repeat it")
    }
    return key
  }

  private static func withoutBlanks(_ text: String) -> String {
    func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }
    let scalars = text.unicodeScalars.drop(while: isBlank)
    guard let last = scalars.last, isBlank(last) else { return String(scalars) }
    return String(String.UnicodeScalarView(scalars.reversed().drop(while: isBlank).reversed()))
  }

  /// What stands between the quotes; `\"` and `\\` are escapes.
  private static func unquoted(_ text: String) throws(Mistake) -> String {
    let wrong = Mistake("begins with a quote, but is no string in quotes")
    var inside = text.unicodeScalars.dropFirst()
    var key = ""
    while let scalar = inside.popFirst() {
      switch scalar {
      case "\"":
        guard inside.isEmpty else { throw wrong }
        return key
      case "\\":
        guard let escaped = inside.popFirst(), escaped == "\"" || escaped == "\\" else { throw wrong }
        key.unicodeScalars.append(escaped)
      default: key.unicodeScalars.append(scalar)
      }
    }
    throw wrong
  }
}
