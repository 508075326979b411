/// Reads a pattern: characters, `.`, `[a-z]`, `[^a-z]`, `\d`, `\w`, `\` before a sign, `( )`, `|`, `*`, `+`, `?`, `{2}`,
/// `{2,}`, `{2,5}`. It is for the whole value, so that `^` at its beginning and `$` at its end change nothing.
struct PatternReader {
  private typealias Mistake = FieldPattern.Mistake
  /// Highest number in `{ }`.
  private static let timesMax = 500
  private static let digits = PatternSet(ranges: [48...57])
  private static let wordCharacters = PatternSet(ranges: [48...57, 65...90, 95...95, 97...122])
  private static let any = PatternSet(ranges: [], isNegated: true)

  private var rest: Substring.UnicodeScalarView

  static func read(_ text: String) throws(FieldPattern.Mistake) -> PatternTree {
    var inside = text[...].unicodeScalars
    if inside.first == "^" { inside.removeFirst() }
    if inside.last == "$", inside.dropLast().reversed().prefix(while: { $0 == "\\" }).count.isMultiple(of: 2) {
      inside.removeLast()
    }
    var reader = PatternReader(rest: inside)
    let tree = try reader.choice()
    guard reader.rest.isEmpty else { throw Mistake("a ) has no ( before it") }
    return tree
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard rest.first == scalar else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func choice() throws(FieldPattern.Mistake) -> PatternTree {
    var parts = [try sequence()]
    while take("|") { parts.append(try sequence()) }
    return parts.count == 1 ? parts[0] : .choice(parts)
  }

  private mutating func sequence() throws(FieldPattern.Mistake) -> PatternTree {
    var parts: [PatternTree] = []
    while let first = rest.first, first != "|", first != ")" {
      let part = try single()
      parts.append(try repeated(part))
    }
    return .sequence(parts)
  }

  private mutating func single() throws(FieldPattern.Mistake) -> PatternTree {
    let scalar = rest.removeFirst()
    switch scalar {
    case "(":
      if take("?"), !take(":") { throw Mistake("(? is not known; a group is ( )") }
      let tree = try choice()
      guard take(")") else { throw Mistake("a ( has no )") }
      return tree
    case "[": return .set(try set())
    case ".": return .set(Self.any)
    case "\\": return .set(try escaped())
    case "*", "+", "?", "{": throw Mistake("\(scalar) has nothing before it to repeat")
    case "^", "$": throw Mistake("\(scalar) stands inside; a pattern is for the whole value, so leave it out")
    default: return .set(PatternSet(ranges: [scalar.value...scalar.value]))
    }
  }

  private mutating func repeated(_ part: PatternTree) throws(FieldPattern.Mistake) -> PatternTree {
    let tree: PatternTree
    switch rest.first {
    case "*": tree = .repeated(part, least: 0, most: nil)
    case "+": tree = .repeated(part, least: 1, most: nil)
    case "?": tree = .repeated(part, least: 0, most: 1)
    case "{":
      rest.removeFirst()
      let least = try times()
      let most = take(",") ? (rest.first == "}" ? nil : try times()) : least
      guard rest.first == "}", most ?? least >= least else { throw Mistake("{ } must be such as {2}, {2,} or {2,5}") }
      tree = .repeated(part, least: least, most: most)
    default: return part
    }
    rest.removeFirst()
    if let next = rest.first, ["*", "+", "?", "{"].contains(next) {
      throw Mistake("\(next) stands behind another repetition; put ( ) around what is repeated")
    }
    return tree
  }

  private mutating func times() throws(FieldPattern.Mistake) -> Int {
    let text = rest.prefix { ("0"..."9").contains($0) }
    guard let number = Int(String(text)), number <= Self.timesMax else {
      throw Mistake("{ } takes numbers up to \(Self.timesMax)")
    }
    rest.removeFirst(text.count)
    return number
  }

  private mutating func escaped() throws(FieldPattern.Mistake) -> PatternSet {
    guard let scalar = rest.popFirst() else { throw Mistake("a \\ stands at its end") }
    switch scalar {
    case "d": return Self.digits
    case "w": return Self.wordCharacters
    default:
      // Other letters mean something elsewhere, and something else here would be a surprise.
      guard scalar.isASCII, !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar) else {
        throw Mistake("\\\(scalar) is not known; there are \\d and \\w")
      }
      return PatternSet(ranges: [scalar.value...scalar.value])
    }
  }

  private mutating func set() throws(FieldPattern.Mistake) -> PatternSet {
    var set = PatternSet(ranges: [], isNegated: take("^"))
    while !take("]") {
      guard let first = rest.popFirst() else { throw Mistake("a [ has no ]") }
      var low = PatternSet(ranges: [first.value...first.value])
      if first == "[" { throw Mistake("a [ stands inside [ ]; write \\[") }
      if first == "\\" { low = try escaped() }
      if rest.first == "-", let behind = rest.dropFirst().first, behind != "]" {
        rest.removeFirst()
        rest.removeFirst()
        let high = behind == "\\" ? try escaped() : PatternSet(ranges: [behind.value...behind.value])
        guard low.ranges.count == 1, high.ranges.count == 1, low.ranges[0].count == 1, high.ranges[0].count == 1,
          low.ranges[0].lowerBound <= high.ranges[0].lowerBound
        else { throw Mistake("a range in [ ] must go up, such as a-z") }
        set.ranges.append(low.ranges[0].lowerBound...high.ranges[0].lowerBound)
      } else {
        set.ranges += low.ranges
      }
    }
    guard !set.ranges.isEmpty else { throw Mistake("[ ] is empty") }
    return set
  }
}
