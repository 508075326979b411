import EventLoop
import Store

/// Products of stocks that run out.
@LoopActor
enum DoctorStock {
  static func examine(_ sources: SupportSources) async throws -> [Doctor.Finding] {
    let low = try await StockStore(sources.store).levels().filter(\.isLow)
    guard !low.isEmpty else { return [] }
    return [
      Doctor.Finding(
        what: "stock_low", count: low.count,
        text: low.count == 1
          ? "1 product of a stock has too few codes left" : "\(low.count) products of stocks have too few codes left",
        mend: "worker stock add PRODUCT --file FILE; how few are too few: worker stock low PRODUCT N",
        examples: low.prefix(Doctor.examplesMax).map {
          "\($0.provider)/\($0.product): \($0.free) free, and \($0.low ?? 0) should be"
        })
    ]
  }
}
