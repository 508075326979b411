extension Evidence {
  /// What shops were told of their orders, by whichever way.
  struct Outside: Codable, Sendable {
    /// An event that has a position, as PostgreSQL has it.
    struct Placed: Codable, Sendable {
      var position: Int64
      var tenant: String
      var order: String
      var version: Int
      var type: String
    }

    /// What an event of an order said.
    struct Told: Codable, Sendable, Hashable {
      var order: String
      var version: Int
      var type: String
      var status: String
      var refundSafe: String

      /// Which event it is.
      var event: String { "\(order)/\(version)" }
    }

    /// An endpoint, there before the first order.
    struct Endpoint: Codable, Sendable {
      /// With its tenant: `shop/good`.
      var name: String
      var tenant: String
      /// Empty: it wants all.
      var types: [String] = []

      func wants(_ type: String) -> Bool { types.isEmpty || types.contains(type) }
    }

    /// One request that an endpoint's receiver got.
    struct Post: Codable, Sendable {
      var endpoint: String
      /// When it had come whole, on a clock that only counts what receivers got and answered.
      var arrival: Int
      /// When it was answered with a whole 2xx, on the same clock; nil when it was not.
      var ended: Int?
      /// The header `webhook-id`.
      var id: String
      /// Nil when it is about no order.
      var told: Told?
      /// What a receiver would refuse it for.
      var problem: String?
    }

    struct Seen: Codable, Sendable {
      var position: Int64
      var told: Told
    }

    /// Everything that a subscriber by position got, in its order, over all of its connections.
    struct Feed: Codable, Sendable {
      var name: String
      var tenant: String
      var seen: [Seen] = []
      /// Answers that it should not have got.
      var refusals: [String] = []
    }

    var placed: [Placed] = []
    var endpoints: [Endpoint] = []
    var posts: [Post] = []
    var feeds: [Feed] = []
    /// What has a greater position may still have been on its way at the end.
    var upTo: Int64 = 0
    /// What was in nobody's line any more until somebody asked for it: endpoint and position, as `shop/good 12`.
    var kept: Set<String> = []
    /// What was still in line for endpoints long after the last fault.
    var late = 0
    /// The clock of PostgreSQL, Redis or a process was turned, so what was put off may be put off for as long.
    var clocksWereTurned = false
  }
}
