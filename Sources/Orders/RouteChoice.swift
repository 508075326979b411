/// Which of a product's routes an order takes.
public enum RouteChoice {
  /// A provider that a route leads to, and how this order's sends to it ended.
  public struct Candidate: Sendable, Equatable {
    public var providerID: Int64
    public var refusals: Int
    public var sendsNotSent: Int
    public init(providerID: Int64, refusals: Int = 0, sendsNotSent: Int = 0) {
      self.providerID = providerID
      self.refusals = refusals
      self.sendsNotSent = sendsNotSent
    }
  }

  /// The index of the route to take; nil when every provider has refused.
  ///
  /// The first choice is taken first. A provider that refused is not asked again. One that could not be reached steps
  /// back behind those that failed less often, so that an outage moves orders on without giving the first choice up.
  /// Only ever called for an order that is proved not to be at any provider (`pending`).
  public static func next(among candidates: [Candidate]) -> Int? {
    candidates.indices.filter { candidates[$0].refusals == 0 }
      .min { (candidates[$0].sendsNotSent, $0) < (candidates[$1].sendsNotSent, $1) }
  }
}
