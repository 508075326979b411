/// A regular expression that a whole value must match, in time that grows with the value's length alone.
///
/// It follows all ways at once (Thompson's construction) instead of trying one after the other, so no pattern and no
/// value makes it slow: at most ``valueBytesMax`` steps over at most ``statesMax`` states. For that it has no
/// back-references and no look-around.
public struct FieldPattern: Sendable, Equatable {
  /// Longest pattern, in bytes of UTF-8.
  public static let bytesMax = 200
  /// Most states: repetitions are written out, so `[0-9]{5,12}` takes some twenty.
  public static let statesMax = 1_000
  /// Longer values match nothing.
  public static let valueBytesMax = 1_000

  /// What is wrong with a pattern, in words that go on after its name.
  public struct Mistake: Error, Equatable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
  }

  /// As it was written.
  public let text: String
  private let states: [PatternState]

  public init(_ text: String) throws(Mistake) {
    guard (1...Self.bytesMax).contains(text.utf8.count) else {
      throw Mistake("a pattern must have 1 to \(Self.bytesMax) bytes")
    }
    self.text = text
    let tree = try PatternReader.read(text)
    var states: [PatternState] = [.end]
    let start = try Self.write(tree, before: 0, into: &states)
    states.append(.both(start, start))
    self.states = states
  }

  public static func == (left: Self, right: Self) -> Bool { left.text.isExactly(right.text) }

  /// Whether the whole value matches.
  public func matches(_ value: String) -> Bool {
    guard value.utf8.count <= Self.valueBytesMax else { return false }
    var current: [Int] = []
    var seen = [Bool](repeating: false, count: states.count)
    enter(states.count - 1, &current, &seen)
    for scalar in value.unicodeScalars {
      var following: [Int] = []
      seen = [Bool](repeating: false, count: states.count)
      for state in current {
        if case .one(let set, let next) = states[state], set.contains(scalar) { enter(next, &following, &seen) }
      }
      guard !following.isEmpty else { return false }
      current = following
    }
    return current.contains(0)
  }

  /// Adds a state and all that are reached from it without a character.
  private func enter(_ start: Int, _ reached: inout [Int], _ seen: inout [Bool]) {
    var waiting = [start]
    while let state = waiting.popLast() {
      guard !seen[state] else { continue }
      seen[state] = true
      switch states[state] {
      case .both(let left, let right): waiting += [right, left]
      case .one, .end: reached.append(state)
      }
    }
  }

  /// Writes a part so that it goes on at the state `next`; where it begins.
  private static func write(
    _ tree: PatternTree, before next: Int, into states: inout [PatternState]
  ) throws(Mistake) -> Int {
    func add(_ state: PatternState) throws(Mistake) -> Int {
      guard states.count < statesMax else { throw Mistake("the pattern repeats too much (over \(statesMax) states)") }
      states.append(state)
      return states.count - 1
    }
    switch tree {
    case .set(let set): return try add(.one(set, next))
    case .sequence(let parts):
      var next = next
      for part in parts.reversed() { next = try write(part, before: next, into: &states) }
      return next
    case .choice(let parts):
      var start = try write(parts[parts.count - 1], before: next, into: &states)
      for part in parts.dropLast().reversed() {
        start = try add(.both(try write(part, before: next, into: &states), start))
      }
      return start
    case .repeated(let part, let least, let most):
      var start = next
      if let most {
        for _ in least..<most {
          start = try add(.both(try write(part, before: start, into: &states), next))
        }
      } else {
        let loop = try add(.both(next, next))
        states[loop] = .both(try write(part, before: loop, into: &states), next)
        start = loop
      }
      for _ in 0..<least {
        let before = states.count
        start = try write(part, before: start, into: &states)
        // What is empty is not written out so often: nested, that would take for ever.
        if states.count == before { break }
      }
      return start
    }
  }
}

/// A place in a pattern.
enum PatternState: Sendable {
  case one(PatternSet, Int)
  case both(Int, Int)
  case end
}

/// A pattern's parts.
indirect enum PatternTree {
  case set(PatternSet)
  case sequence([PatternTree])
  case choice([PatternTree])
  /// - Parameter most: nil: without end.
  case repeated(PatternTree, least: Int, most: Int?)
}

/// The characters that may stand at a place.
struct PatternSet: Sendable {
  var ranges: [ClosedRange<UInt32>]
  var isNegated = false

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    ranges.contains { $0.contains(scalar.value) } != isNegated
  }
}
