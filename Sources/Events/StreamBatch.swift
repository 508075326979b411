import Redis
import Store

/// Events as the script that publishes them takes them: each to the stream of all and, if it is an order's, to that of its
/// tenant. What is for operators is not for everybody who reads a tenant's stream.
struct StreamBatch {
  /// Both streams' keys first, see `publish_events.lua`.
  private(set) var streams: [RedisArgument] = [.string(EventStream.all)]
  private(set) var entries: [RedisArgument] = []

  /// Which of the keys is the stream of all.
  private static let all: Int64 = 2

  init(_ events: [OutboxEvent]) {
    // The lease is the first key, the stream of all the second.
    var places: [String: Int64] = [:]
    for event in events {
      let isOfTenant = event.notice == nil
      let place = isOfTenant ? places[event.tenant] ?? Int64(streams.count + 2) : Self.all
      if isOfTenant, places[event.tenant] == nil {
        places[event.tenant] = place
        streams.append(.string(EventStream.of(tenant: event.tenant)))
      }
      entries += [.integer(place), .integer(event.position), .string(CloudEvent.json(event))]
    }
  }
}
