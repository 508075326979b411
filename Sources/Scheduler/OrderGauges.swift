import EventLoop
import Orders
import Store

/// How many orders are open or held, how old they are, and how far the published events are behind.
@LoopActor
struct OrderGauges {
  static let interval = Duration.seconds(15)

  private let store: Store

  init(store: Store) { self.store = store }

  var reading: GaugeService.Reading {
    GaugeService.Reading(
      name: "orders", every: Self.interval,
      gauges: [
        ("sevk_orders", "Orders that are open or held, by status"),
        ("sevk_order_oldest_open_age_seconds", "Since the oldest order in the status was recorded; 0 without one"),
        ("sevk_order_longest_sending_seconds", "For how long the order is in sending that is there longest"),
        ("sevk_outbox_unpublished_events", "Events that are not in the stream yet"),
        ("sevk_outbox_oldest_age_seconds", "The age of the first of those events"),
      ]
    ) { [store] in
      let found = try await store.orderCounts()
      return Status.unsettled.map { Gauge("sevk_orders", ["status": $0.rawValue], found.counts[$0] ?? 0) }
        + Status.open.map {
          Gauge("sevk_order_oldest_open_age_seconds", ["status": $0.rawValue], found.oldest[$0])
        } + [
          Gauge("sevk_order_longest_sending_seconds", [:], found.longestSending),
          Gauge("sevk_outbox_unpublished_events", [:], found.unpublished),
          Gauge("sevk_outbox_oldest_age_seconds", [:], found.oldestUnpublished),
        ]
    }
  }
}
