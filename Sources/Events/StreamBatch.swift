import Redis
import Store

/// Events as the script that publishes them takes them: each to the stream of all and to that of its tenant.
struct StreamBatch {
  /// Both streams' keys first, see `publish_events.lua`.
  private(set) var streams: [RedisArgument] = [.string(EventStream.all)]
  private(set) var entries: [RedisArgument] = []

  init(_ events: [OutboxEvent]) {
    // The lease is the first key, the stream of all the second.
    var places: [String: Int64] = [:]
    for event in events {
      let place = places[event.tenant] ?? Int64(streams.count + 2)
      if places[event.tenant] == nil {
        places[event.tenant] = place
        streams.append(.string(EventStream.of(tenant: event.tenant)))
      }
      entries += [.integer(place), .integer(event.position), .string(CloudEvent.json(event))]
    }
  }
}
