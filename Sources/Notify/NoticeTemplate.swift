import Adapters
import Orders
public import Store

/// Words with places for values, such as `Your order {order} is done`. The first line is the subject.
///
/// Values are put in as they are, and the channel escapes all of it: no value can begin a tag, a header or a second line.
public struct NoticeTemplate: Sendable, Equatable {
  /// The places, and what stands in them.
  public enum Place: String, CaseIterable, Sendable {
    /// The tenant's name.
    case shop
    case product
    /// What the shop calls the order, or the beginning of its id.
    case order
    case id
    /// Why, as a code: for people who run things.
    case reason
    /// What an event for operators is about.
    case about
  }

  static let charactersMax = 2000
  private static let valueCharactersMax = 100
  private static let idDigits = 8

  public let text: String

  /// - Throws: ``Mistake`` for a place that there is not, or text that can't be told.
  public init(_ text: String) throws(Mistake) {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard let subject = lines.first, !subject.allSatisfy(\.isWhitespace) else {
      throw Mistake("has no words in its first line")
    }
    guard text.count <= Self.charactersMax else { throw Mistake("is longer than \(Self.charactersMax) characters") }
    for line in lines {
      if let odd = OddCharacter.control(in: line), odd != "\t" {
        throw Mistake("has the character \(OddCharacter.name(odd)) in it")
      }
    }
    for part in Self.parts(of: text) {
      if case .place(let name) = part, Place(rawValue: name) == nil {
        let known = Place.allCases.map { "{\($0.rawValue)}" }.joined(separator: " ")
        throw Mistake("has a place {\(name)}; there are \(known)")
      }
    }
    self.text = text
  }

  public struct Mistake: Error, Equatable, CustomStringConvertible {
    /// Words that go on after what is wrong.
    public let description: String
    init(_ description: String) { self.description = description }
  }

  /// Fills the places in. A line whose only place is empty is left out.
  func filled(_ due: NotifyStore.Due, language: NoticeLanguage, isMarked: Bool) -> (subject: String, body: String) {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    let filled = lines.compactMap { line -> String? in
      let parts = Self.parts(of: line)
      var out = ""
      for part in parts {
        switch part {
        case .text(let text): out += text
        case .place(let name):
          let value = Place(rawValue: name).map { Self.value($0, due) } ?? ""
          if value.isEmpty, parts.count == 1 { return nil }
          // Names from left to right stay together in a text from right to left.
          out += isMarked && language.isRightToLeft && !value.isEmpty ? "\u{2068}\(value)\u{2069}" : value
        }
      }
      return out
    }
    return (filled.first ?? "", filled.dropFirst().joined(separator: "\n"))
  }

  private static func value(_ place: Place, _ due: NotifyStore.Due) -> String {
    let value: String
    switch place {
    case .shop: value = due.tenant
    case .product: value = due.product ?? ""
    case .order: value = due.shopReference ?? String(due.orderID.prefix(idDigits))
    case .id: value = due.orderID
    case .reason: value = due.reasonCode ?? ""
    case .about: value = due.subject ?? ""
    }
    return cleaned(value)
  }

  /// On one line, and not without end.
  private static func cleaned(_ value: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in value.unicodeScalars { out.append(OddCharacter.control(in: String(scalar)) == nil ? scalar : " ") }
    return String(String(out).prefix(valueCharactersMax))
  }

  private enum Part: Equatable {
    case text(String)
    case place(String)
  }

  private static func parts(of text: String) -> [Part] {
    var parts: [Part] = []
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      let behind = rest.index(after: open)
      guard let close = rest[behind...].firstIndex(of: "}") else { break }
      if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
      parts.append(.place(String(rest[behind..<close])))
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { parts.append(.text(String(rest))) }
    return parts
  }
}
