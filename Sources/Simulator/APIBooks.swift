import Orders

/// What Reloadly and DT One remember beside the panel's books.
struct APIBooks {
  /// Made at DT One, and not confirmed (yet): nothing is booked of it.
  struct Created {
    let request: OrderRequest
    let twists: Set<Fault>
    /// On the panel's clock.
    let atMilliseconds: Int64
  }

  /// By our reference.
  var created: [String: Created] = [:]
  /// Our references, by the number that a provider gave.
  private(set) var references: [String: String] = [:]
  /// The tokens that are good.
  var tokens: Set<String> = []
  var tokensGiven = 0
  /// Whether the request that is answered now found its identifier free when it came: Reloadly looks then, and books later.
  var cameFree = false

  /// A provider's own number for a reference, always the same one.
  mutating func number(of reference: String, seed: UInt64) -> String {
    let number = Self.number(of: reference, seed: seed)
    references[number] = reference
    return number
  }

  static func number(of reference: String, seed: UInt64) -> String {
    "\(1_000_000_000 + Chance(seed, "number", reference).bits % 8_000_000_000)"
  }

  /// DT One: what is made, and not booked.
  func isUnconfirmed(_ reference: String, in panel: Panel) -> Bool {
    created[reference] != nil && panel.order(reference) == nil
  }
}
