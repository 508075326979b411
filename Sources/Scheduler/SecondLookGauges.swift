import EventLoop
import Orders
import Store

/// How far the second looks at orders that ended are behind.
@LoopActor
struct SecondLookGauges {
  private static let interval = Duration.seconds(15)

  private let looks: SecondLooks

  init(store: Store) { looks = SecondLooks(store) }

  var reading: GaugeService.Reading {
    GaugeService.Reading(
      name: "second_looks", every: Self.interval,
      gauges: [
        (
          "sevk_second_look_lag_seconds",
          "For how long the first event that was not looked through for second looks has been old enough, by their delay"
        )
      ]
    ) { [looks] in
      try await looks.lag(usual: SecondLookRule.delaysUsual).map {
        Gauge("sevk_second_look_lag_seconds", ["delay": $0.delay.inWords], $0.lag)
      }
    }
  }
}
