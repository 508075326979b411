import Seeded

/// When which fault strikes: follows from the seed alone.
struct FaultPlan {
  struct Planned: Codable, Sendable {
    let kind: FaultKind
    /// Since the start, or when the one before it in its track is over, whichever is later.
    let atMilliseconds: Int
    let lastsMilliseconds: Int
    /// Chooses the victim where there are several.
    let pick: Int
    /// The share of requests that a fault of the panel or of a receiver strikes.
    let share: Double
  }

  private static let firstMilliseconds = 1500
  private static let gapMilliseconds = 1500...4500
  /// Of faults of the panel, of the network, of hosts and of receivers; the others know themselves how long they last.
  private static let lastsMilliseconds = 2000...5000
  private static let shares = [0.1, 0.3, 0.6, 1.0]
  /// A panel that cuts every answer can't be told from one with short PINs.
  private static let truncatedShareMax = 0.3

  /// What is done to Sevk, Redis and PostgreSQL: one after the other.
  let servers: [Planned]
  /// What is done to the panel: one after the other, beside the former.
  let panel: [Planned]
  /// What is done to those who are told of orders: one after the other, beside the former.
  let outside: [Planned]

  /// - Parameter outageMilliseconds: how long the panel fails from the start instead of now and then; nil for that.
  init(seed: UInt64, kinds: [FaultKind], milliseconds: Int, outageMilliseconds: Int? = nil) {
    servers = Self.track(
      kinds.filter { !$0.isOfPanel && !$0.isOfProvider && !$0.isOfOutside }, seed: seed &* 2, milliseconds)
    outside = Self.track(kinds.filter(\.isOfOutside), seed: seed &* 3 &+ 2, milliseconds)
    panel =
      outageMilliseconds.map {
        [.init(kind: .panel5xx, atMilliseconds: Self.firstMilliseconds, lastsMilliseconds: $0, pick: 0, share: 1)]
      } ?? Self.track(kinds.filter { $0.isOfPanel || $0.isOfProvider }, seed: seed &* 2 &+ 1, milliseconds)
  }

  /// Deals the kinds like cards, so that each comes about as often as any other.
  private static func track(_ kinds: [FaultKind], seed: UInt64, _ milliseconds: Int) -> [Planned] {
    guard !kinds.isEmpty else { return [] }
    var random = SeededGenerator(seed: seed)
    var deck: [FaultKind] = []
    var planned: [Planned] = []
    var at = firstMilliseconds
    while at < milliseconds {
      if deck.isEmpty { deck = kinds.shuffled(using: &random) }
      let kind = deck.removeLast()
      let share = shares.randomElement(using: &random) ?? 1
      let hasLength = kind.isOfPanel || kind.isOfNetwork || kind.isOfHosts || kind.receiverMode != nil
      let lasts = hasLength ? Int.random(in: lastsMilliseconds, using: &random) : 0
      planned.append(
        Planned(
          kind: kind, atMilliseconds: at, lastsMilliseconds: lasts, pick: Int.random(in: 0..<1 << 16, using: &random),
          share: kind == .panelTruncated ? min(share, truncatedShareMax) : share))
      at += lasts + Int.random(in: gapMilliseconds, using: &random)
    }
    return planned
  }
}
