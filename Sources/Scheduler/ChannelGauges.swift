import EventLoop
import Store

/// How the services do that tell people things, and what is in line for them.
@LoopActor
struct ChannelGauges {
  private static let interval = Duration.seconds(10)
  private let store: ChannelStore

  init(store: Store) { self.store = ChannelStore(store) }

  var reading: GaugeService.Reading {
    GaugeService.Reading(
      name: "channels", every: Self.interval,
      gauges: [
        ("sevk_notices_waiting", "Notices in line for a channel, counted up to 10,000"),
        ("sevk_channel_trouble_seconds", "For how long a channel has told nobody anything; 0 while it works"),
      ]
    ) { try await read() }
  }

  private func read() async throws -> [Gauge] {
    try await store.tallies().flatMap { tally in
      [
        Gauge("sevk_notices_waiting", ["channel": tally.channel], tally.waiting),
        Gauge("sevk_channel_trouble_seconds", ["channel": tally.channel], tally.troubledFor),
      ]
    }
  }
}
