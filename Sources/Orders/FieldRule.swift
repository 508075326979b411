/// What a route wants an order's field to be before a provider gets it.
///
/// A provider takes a field as an id: what nobody sees in it, such as a right-to-left mark that was pasted with a
/// number, makes it another player's or nobody's. So it is refused with the character's name unless the route says that
/// it may be taken away.
public enum FieldRule: Sendable, Equatable {
  /// Digits alone: blanks and unseen marks around it and marks inside are taken away, other scripts' digits become 0-9.
  case digits
  /// Blanks and unseen marks around it are taken away.
  case trim
  /// The whole value matches.
  case pattern(FieldPattern)
  /// One of a newer version: nothing passes.
  case unknown(String)

  /// Why a value can't be sent, in words that go on after the field's name.
  public struct Refusal: Error, Equatable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
  }

  /// Reads a rule as it is stored.
  public init(stored text: String) { self = (try? Self(words: text)) ?? .unknown(text) }

  /// Reads `digits`, `trim` or `pattern:REGEX`.
  public init(words text: String) throws(FieldPattern.Mistake) {
    let mark = "pattern:"
    switch text {
    case "digits": self = .digits
    case "trim": self = .trim
    case _ where text.hasPrefix(mark): self = .pattern(try FieldPattern(String(text.dropFirst(mark.count))))
    default: throw .init("must be digits, trim or pattern:REGEX")
    }
  }

  /// As ``init(words:)`` takes it.
  public var words: String {
    switch self {
    case .digits: "digits"
    case .trim: "trim"
    case .pattern(let pattern): "pattern:\(pattern.text)"
    case .unknown(let text): text
    }
  }

  /// The value as a provider may get it.
  ///
  /// - Parameter rule: nil where the route says nothing: then nothing is changed.
  public static func read(_ value: String, _ rule: FieldRule?) throws(Refusal) -> String {
    switch rule {
    case nil:
      try requireSeen(value)
      return value
    case .digits: return try digits(value)
    case .trim:
      let trimmed = OddCharacter.trimmed(value)
      guard !trimmed.isEmpty else { throw Refusal("is blank") }
      try requireSeen(trimmed)
      return trimmed
    case .pattern(let pattern):
      try requireSeen(value)
      guard pattern.matches(value) else { throw Refusal("must match \(pattern.text)") }
      return value
    case .unknown(let text):
      throw Refusal("can't be judged: this version does not know the route's rule \(text.prefix(64))")
    }
  }

  private static func requireSeen(_ value: String) throws(Refusal) {
    let scalars = value.unicodeScalars
    guard !scalars.allSatisfy(OddCharacter.isBlank) else { throw Refusal("is blank") }
    if let odd = OddCharacter.unseen(in: value) {
      throw Refusal("holds \(OddCharacter.name(odd)), which can't be seen; take it out")
    }
    if let digit = scalars.first(where: { OddCharacter.foreignDigit($0) != nil }) {
      throw Refusal("holds \(OddCharacter.name(digit)); only the digits 0 to 9 are taken")
    }
    if scalars.first == " " { throw Refusal("begins with a blank; take it out") }
    if scalars.last == " " { throw Refusal("ends with a blank; take it out") }
  }

  private static func digits(_ value: String) throws(Refusal) -> String {
    var digits = ""
    for scalar in OddCharacter.trimmed(value).unicodeScalars {
      if ("0"..."9").contains(scalar) {
        digits.unicodeScalars.append(scalar)
      } else if let digit = OddCharacter.foreignDigit(scalar) {
        digits += "\(digit)"
      } else if !OddCharacter.isUnseen(scalar) || OddCharacter.isBlank(scalar) || scalar == "\u{FFFD}" {
        // A blank inside may part two ids: what they are together is nobody's.
        throw Refusal("must be digits alone, but holds \(OddCharacter.name(scalar))")
      }
    }
    guard !digits.isEmpty else { throw Refusal("must be digits alone, but is blank") }
    return digits
  }
}
