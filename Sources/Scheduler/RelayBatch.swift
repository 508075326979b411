import Redis
import Store

/// Events as the script that publishes them takes them: each to the stream of all and to that of its tenant.
struct RelayBatch {
  /// The stream of all tenants' events, which is for ops alone.
  static let streamOfAll = "sevk:events"

  /// Both streams' keys first, see `publish_events.lua`.
  private(set) var streams: [RedisArgument] = [.string(streamOfAll)]
  private(set) var entries: [RedisArgument] = []

  init(_ events: [OutboxEvent]) {
    // The lease is the first key, the stream of all the second.
    var places: [String: Int64] = [:]
    for event in events {
      let place = places[event.tenant] ?? Int64(streams.count + 2)
      if places[event.tenant] == nil {
        places[event.tenant] = place
        streams.append(.string(Self.stream(of: event.tenant)))
      }
      entries += [.integer(place), .string(CloudEvent.json(event))]
    }
  }

  /// The stream of one tenant's events. A tenant's name has no colon, so no two streams have one key.
  static func stream(of tenant: String) -> String { "\(streamOfAll):\(tenant)" }
}
