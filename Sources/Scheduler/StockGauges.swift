import EventLoop
import Store

/// What the stocks of codes have.
@LoopActor
struct StockGauges {
  private static let interval = Duration.seconds(10)
  private let stock: StockStore

  init(store: Store) { stock = StockStore(store) }

  var reading: GaugeService.Reading {
    GaugeService.Reading(
      name: "stock", every: Self.interval,
      gauges: [
        ("sevk_stock_codes", "Codes of a stock"),
        ("sevk_stock_low", "How few free codes of a product are too few, where somebody said so"),
      ]
    ) { try await read() }
  }

  private func read() async throws -> [Gauge] {
    try await stock.levels().flatMap { level in
      level.counts.map { count in
        Gauge(
          "sevk_stock_codes", ["provider": level.provider, "product": level.product, "state": count.state], count.count)
      }
        + (level.low.map { [Gauge("sevk_stock_low", ["provider": level.provider, "product": level.product], $0)] } ?? [])
    }
  }
}
