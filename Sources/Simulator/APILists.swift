import EventLoop
import Glibc
import HTTPServer
import Orders

/// The lists of Reloadly and DT One without a reference: everything of a time, page by page, the newest first.
extension PanelServer {
  /// A line of a list.
  struct Listed {
    let reference: String
    /// Milliseconds of Unix time.
    let at: Int64
    /// 1 and on for what is booked a second time.
    let copy: Int
  }

  struct ListPage {
    let rows: [Listed]
    let number: Int
    let total: Int
    let pages: Int
  }

  /// What the panel's clock has for 0, in milliseconds of Unix time.
  var unixStart: Int64 {
    var clock = timespec()
    clock_gettime(CLOCK_REALTIME, &clock)
    return Int64(clock.tv_sec) * 1000 + Int64(clock.tv_nsec) / 1_000_000 - now
  }

  /// Of the dealer that the options name.
  ///
  /// - Parameters:
  ///   - since: milliseconds of Unix time, as `until`.
  ///   - withCreated: those as well that nothing is booked of.
  func listed(
    since: Int64, until: Int64, withCreated: Bool, _ includes: (PanelOrder) -> Bool
  ) -> [Listed] {
    let start = unixStart
    var rows: [Listed] = []
    for order in panel.orders where order.dealer == options.kod && includes(order) {
      for copy in 0..<max(1, order.debits - order.credits) {
        rows.append(Listed(reference: order.reference, at: start + order.receivedMilliseconds, copy: copy))
      }
    }
    if withCreated {
      for (reference, created) in apiBooks.created where panel.order(reference) == nil {
        rows.append(Listed(reference: reference, at: start + created.atMilliseconds, copy: 0))
      }
    }
    return rows.filter { $0.at >= since && $0.at < until }
      .sorted { ($0.at, $0.reference, $0.copy) > ($1.at, $1.reference, $1.copy) }
  }

  /// A page of them; its content is another one's where a proxy mixes two answers up, and lacks a line where the list does.
  ///
  /// - Returns: nil for a page that there is not.
  func page(_ number: Int, of rows: [Listed], size: Int, _ key: String, _ nth: Int) -> ListPage? {
    let pages = (rows.count + size - 1) / size
    guard number >= 1, size >= 1, number <= max(pages, 1) else { return nil }
    var shown = number
    if pages > 1, faults.strikes(.stray, key, nth: nth) { shown = number < pages ? number + 1 : number - 1 }
    var part = Array(rows.dropFirst((shown - 1) * size).prefix(size))
    if !part.isEmpty, faults.strikes(.deny, key, nth: nth) {
      part.remove(at: Int(Chance(options.seed, "list-lacks", key, nth).bits % UInt64(part.count)))
    }
    if let row = part.last, faults.strikes(.secondLine, key, nth: nth) { part.append(row) }
    return ListPage(rows: part, number: shown, total: rows.count, pages: pages)
  }

  /// The provider's number of a line.
  func number(of row: Listed) -> String {
    row.copy == 0
      ? apiBooks.number(of: row.reference, seed: options.seed)
      : APIBooks.number(of: "\(row.reference)#\(row.copy)", seed: options.seed)
  }
}
