/// A choice in words, for people who ask why an order went where it went.
extension RouteChoice {
  /// One sentence without an end, such as `taken by panel-b: panel-a was shut for 41 s (out of money), --failover-after
  /// 30s`.
  ///
  /// - Parameter names: of the candidates' providers.
  public static func words(
    _ choice: Choice, among candidates: [Candidate], names: [String]
  ) -> String {
    let (index, name) = (choice.index, names[choice.index])
    let others = candidates.indices.filter { $0 != index }
    func list(_ isMeant: (Candidate) -> Bool) -> String {
      let found = others.filter { isMeant(candidates[$0]) }.map { names[$0] }
      return found.isEmpty ? "another provider" : found.joined(separator: " and ")
    }
    let because: String
    switch choice.why {
    case .first: because = "it comes first"
    case .share:
      let total = candidates.reduce(0) { $0 + ($1.share ?? 0) }
      because = "its share is \(candidates[index].share ?? 0) of \(total)"
    case .cost:
      because =
        "it asks \(candidates[index].cost.map(\.description) ?? "the least")"
        + others.map { ", \(names[$0]) \(candidates[$0].cost?.description ?? "nobody knows what")" }.joined()
    case .refused: because = "\(list { $0.refusals > 0 }) refused it"
    case .notReached:
      because =
        "\(list { $0.sendsNotSent > candidates[index].sendsNotSent }) could not be reached or did not receive it"
    case .failover:
      let first = others.first { candidates[$0].isGivenUp && candidates[$0].refusals == 0 && !candidates[$0].isTooDear }
      because = first.map { given(up: candidates[$0], names[$0]) } ?? "another was shut"
    case .tooDear:
      because =
        others.filter { candidates[$0].isTooDear }.map { dear(candidates[$0], names[$0]) }.joined(separator: "; ")
    }
    return "taken by \(name): \(because)" + unknownPrice(candidates[index], name)
  }

  /// `panel asks 1.60, above its --cost-max 1.50`.
  public static func dear(_ candidate: Candidate, _ name: String) -> String {
    "\(name) asks \(candidate.cost?.description ?? "?"), above its --cost-max \(candidate.costMax?.description ?? "?")"
  }

  private static func given(up candidate: Candidate, _ name: String) -> String {
    guard let shut = candidate.shut, let after = candidate.failoverAfter else { return "\(name) was shut" }
    return
      "\(name) was shut for \(shut.lasted.milliseconds / 1000) s (\(shut.why.words)), --failover-after \(after.inWords)"
  }

  private static func unknownPrice(_ candidate: Candidate, _ name: String) -> String {
    guard candidate.cost == nil, let most = candidate.costMax else { return "" }
    return "; nobody knows what \(name) asks, so its --cost-max \(most) held nothing up"
  }
}

extension RouteChoice.Shut.Why {
  /// Of a provider.
  public var words: String {
    switch self {
    case .paused: "paused by a person"
    case .down: "down"
    case .account: "it refuses the account"
    case .balance: "out of money"
    case .stock: "out of stock"
    }
  }
}
