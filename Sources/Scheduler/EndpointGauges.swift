import EventLoop
import Store

/// How shops' receivers do, and what is in line for them.
@LoopActor
struct EndpointGauges {
  private static let interval = Duration.seconds(10)
  private let store: DeliveryStore

  init(store: Store) { self.store = DeliveryStore(store: store) }

  var reading: GaugeService.Reading {
    GaugeService.Reading(
      name: "endpoints", every: Self.interval,
      gauges: [
        ("sevk_endpoint_waiting", "Events in line for an endpoint, counted up to 10,000"),
        (
          "sevk_endpoint_failing_seconds",
          "For how long an endpoint has given nothing but failures; 0 while it takes events"
        ),
        ("sevk_endpoint_given_up", "1 for an endpoint that is disabled or gone"),
      ]
    ) { try await read() }
  }

  private func read() async throws -> [Gauge] {
    try await store.tallies().flatMap { tally in
      let whose: KeyValuePairs = ["tenant": tally.tenant, "endpoint": tally.endpoint]
      return [
        Gauge("sevk_endpoint_waiting", whose, tally.waiting),
        Gauge("sevk_endpoint_failing_seconds", whose, tally.state == .active ? tally.failingFor : nil),
        Gauge("sevk_endpoint_given_up", whose, tally.state == .disabled || tally.state == .gone ? 1 : 0),
      ]
    }
  }
}
