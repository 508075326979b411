/// In which order routes are tried, before anything is known of their providers.
extension RouteChoice {
  /// The candidates' indexes, the one to try first in front.
  ///
  /// By position. Routes that follow each other and have a share are equals: each order draws its own sequence among them,
  /// by its id, so that every process and every try comes to the same and over many orders each has its share; an order
  /// whose first can't have it goes to the others by their shares. By cost, the cheapest of all comes first, those whose
  /// price nobody knows last, and equals as they were.
  public static func ranking(_ candidates: [Candidate], order: OrderID?, isByCost: Bool) -> [Int] {
    var ranking: [Int] = []
    var next = 0
    while next < candidates.count {
      let equals = Array(candidates.indices[next...].prefix { candidates[$0].share != nil })
      guard equals.count > 1, let order else {
        ranking.append(next)
        next += 1
        continue
      }
      ranking += drawn(equals, by: order) { max(candidates[$0].share ?? 1, 1) }
      next += equals.count
    }
    guard isByCost else { return ranking }
    return ranking.enumerated().sorted {
      let (one, two) = (candidates[$0.element].cost, candidates[$1.element].cost)
      guard one != two else { return $0.offset < $1.offset }
      guard let one, let two else { return one != nil }
      return one < two
    }.map(\.element)
  }

  /// A draw without putting back: who has twice the weight is twice as often the next.
  private static func drawn(_ equals: [Int], by order: OrderID, weight: (Int) -> Int) -> [Int] {
    var (left, drawn) = (equals, [Int]())
    while left.count > 1 {
      let total = left.reduce(UInt64(0)) { $0 + UInt64(weight($1)) }
      var point = lot(order, round: drawn.count) % total
      let taken = left.firstIndex { index in
        if point < UInt64(weight(index)) { return true }
        point -= UInt64(weight(index))
        return false
      }
      drawn.append(left.remove(at: taken ?? 0))
    }
    return drawn + left
  }

  /// 64 bits that hang on every bit of the id: the last step of SplitMix64, twice.
  private static func lot(_ order: OrderID, round: Int) -> UInt64 {
    func mixed(_ bits: UInt64) -> UInt64 {
      var bits = bits &+ 0x9E37_79B9_7F4A_7C15
      bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
      bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
      return bits ^ (bits >> 31)
    }
    let (high, low) = order.words
    return mixed(mixed(high &+ UInt64(round)) ^ low)
  }
}
