import Orders
import Seeded

/// A provider as an order meets it: it may take an order and never say so, its lines may be another's, and it may lie.
struct FakeProvider {
  /// What it says of a reference that it does not have.
  static let unknown = QueryOutcome.notFound("no such order")

  enum Fate: Equatable { case completes(Pin?), cancels, neverEnds }
  struct Held {
    let fate: Fate
    let endsAt: Duration
    /// It has the order and says until then that it does not, each time it is asked.
    let deniedUntil: Duration
    /// It takes back how it ended.
    let reversal: (at: Duration, to: Fate)?

    /// How it stands; nil while it is worked on.
    func end(at now: Duration) -> Fate? {
      guard now >= endsAt, fate != .neverEnds else { return nil }
      if let reversal, now >= reversal.at { return reversal.to }
      return fate
    }

    /// Whether it ended so at some time, whatever became of it.
    func hasEnded(_ end: Fate, by now: Duration) -> Bool {
      (fate == end && now >= endsAt) || self.end(at: now) == end
    }
  }
  /// What happens to one request.
  enum Course: CaseIterable {
    case accept, acceptAndLose, drop, neverSent, refuse, refuseAndLose, arriveLater, turnAway
    /// A proxy in front of it repeats the request: it books the first copy and answers the second.
    case bookAndRefuse, bookAndTurnAway
  }

  /// What it knows of a lost request may come so much later.
  let transitMax: Duration
  /// Whether it finds every order that it has.
  let isTruthful: Bool
  /// Whether it denies many orders, and owns up to them later.
  let isForgetful: Bool
  /// Whether a reference that comes again is the order that it has.
  let isOnce: Bool
  /// How often it booked an order that it had.
  private(set) var doubles = 0
  private(set) var orders: [Int: Held] = [:]
  /// What it has to tell by itself, and when: told more than once, out of turn, and some of it never.
  var posts: [(reference: Int, said: QueryOutcome, at: Duration)] = []
  private(set) var travelling: [(reference: Int, at: Duration)] = []

  init(transitMax: Duration, isTruthful: Bool, isForgetful: Bool = false, isOnce: Bool = false) {
    self.isOnce = isOnce
    self.transitMax = transitMax
    self.isTruthful = isTruthful
    self.isForgetful = isForgetful
  }

  mutating func send(_ reference: Int, at now: Duration, _ random: inout SeededGenerator) -> SendOutcome {
    switch Course.allCases.randomElement(using: &random) ?? .accept {
    case .accept:
      receive(reference, at: now, &random)
      return .accepted(Receipt())
    case .acceptAndLose:
      receive(reference, at: now, &random)
      return .unknown("the connection broke")
    case .drop, .refuseAndLose: return .unknown("timed out")
    case .neverSent: return .notSent("no connection")
    case .refuse: return .refused("no such product")
    case .turnAway: return .accountTrouble("no balance", isBalance: true)
    case .bookAndRefuse:
      receive(reference, at: now, &random, isHonest: true)
      return .refused("no such product")
    case .bookAndTurnAway:
      receive(reference, at: now, &random, isHonest: true)
      return .accountTrouble("no balance", isBalance: true)
    case .arriveLater:
      travelling.append((reference, now + transitMax * Double.random(in: 0...1, using: &random)))
      return .unknown("timed out")
    }
  }

  /// Lets lost requests arrive.
  mutating func advance(to now: Duration, _ random: inout SeededGenerator) {
    for request in travelling where request.at <= now { receive(request.reference, at: request.at, &random) }
    travelling.removeAll { $0.at <= now }
  }

  private mutating func receive(
    _ reference: Int, at now: Duration, _ random: inout SeededGenerator, isHonest: Bool = false
  ) {
    if orders[reference] != nil {
      if !isOnce { doubles += 1 }
      return
    }
    let fate: Fate =
      switch Int.random(in: 0..<20, using: &random) {
      case 0..<13: .completes(Pin("PIN-\(reference)"))
      case 13, 14: .completes(nil)
      case 15..<18: .cancels
      default: .neverEnds
      }
    let endsAt = now + .seconds(.random(in: 5...7000, using: &random))
    var reversal: (Duration, Fate)?
    if Int.random(in: 0..<8, using: &random) == 0 {
      let to: Fate = if case .completes = fate { .cancels } else { .completes(Pin("LATE-\(reference)")) }
      reversal = (endsAt + .seconds(.random(in: 0...20_000, using: &random)), to)
    }
    var deniedUntil = Duration.zero
    if !isHonest, isForgetful, Bool.random(using: &random) {
      deniedUntil = now + .seconds(.random(in: 1000...20_000, using: &random))
    } else if !isHonest, !isTruthful, Int.random(in: 0..<10, using: &random) == 0 {
      deniedUntil = .seconds(1_000_000_000)
    }
    let held = Held(fate: fate, endsAt: endsAt, deniedUntil: deniedUntil, reversal: reversal)
    orders[reference] = held
    for moment in [now, endsAt] + (reversal.map { [$0.0] } ?? []) {
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        let late = Duration.milliseconds([0, 300, 20_000, 3_000_000].randomElement(using: &random) ?? 0)
        posts.append((reference, Self.words(of: held.end(at: moment)), moment + late))
      }
    }
  }

  func answer(_ reference: Int, at now: Duration, _ random: inout SeededGenerator) -> QueryOutcome {
    switch Int.random(in: 0..<10, using: &random) {
    case 0, 1: return .queryFailed("not allowed")
    case 2: return .unintelligible("<html>")
    case 3:
      // A line that belongs to another question, or is cut: never the same twice.
      let number = Int.random(in: 0...Int.max, using: &random)
      switch number % 4 {
      case 0: return .cancelled("stray \(number)")
      case 1: return .completed(Pin("STRAY-\(number)"), note: "")
      default: break
      }
    default: break
    }
    guard let order = orders[reference], now >= order.deniedUntil else { return Self.unknown }
    return Self.words(of: order.end(at: now))
  }

  private static func words(of end: Fate?) -> QueryOutcome {
    switch end {
    case .completes(let pin): .completed(pin, note: "")
    case .cancels: .cancelled("out of stock")
    case .neverEnds, nil: .waiting("working on it")
    }
  }
}
