import CommandLine
import Orders
import Store

/// What a stock has, for people and for programs.
enum StockText {
  /// As `--state` and the metric name them.
  static let states = ["free", "reserved", "given", "expired", "written_off"]

  static func added(_ result: StockFile.Result, product: String, free: Int) -> String {
    let already = result.already == 0 ? "" : "; \(result.already) were added before from this file"
    return "added \(codes(result.added)) of \(product)\(already); \(free) free now"
  }

  static func codes(_ count: Int) -> String { count == 1 ? "1 code" : "\(count) codes" }

  static func table(_ levels: [StockLevel]) -> String {
    guard !levels.isEmpty else { return "no stock has codes yet: worker stock add PRODUCT --file codes.csv" }
    var table = TextTable(
      [.init("STOCK"), .init("PRODUCT")]
        + ["FREE", "LOW", "RESERVED", "GIVEN", "EXPIRED", "WRITTEN OFF", "WORTH"].map { .init($0, isRight: true) }
        + [.init("NEXT EXPIRES"), .init("NOTE")])
    for level in levels {
      let counts = [level.free, level.low, level.reserved, level.given, level.expired, level.writtenOff]
      table.add(
        [level.provider, level.product] + counts.map { $0.map(String.init) ?? "" } + [
          level.worth?.description ?? "", level.nextExpiry.map { String($0.prefix(10)) } ?? "",
          level.isLow ? "too few" : "",
        ])
    }
    return table.text(width: TextOutput.standard.columns)
  }

  static func table(_ rows: [StockStore.Row], limit: Int) -> String {
    guard !rows.isEmpty else { return "there is none" }
    var table = TextTable("CODE", "SERIAL", "COST", "EXPIRES", "ORDER")
    for row in rows {
      table.add([
        "\(row.id)", row.serial ?? "", row.cost?.description ?? "", row.expiresAt.map { String($0.prefix(10)) } ?? "",
        row.orderID ?? "",
      ])
    }
    let more = rows.count == limit ? "\nthere may be more: the same with --after \(rows.last?.id ?? 0)" : ""
    return table.text(width: TextOutput.standard.columns) + more
  }

  // MARK: JSON

  static func json(_ result: StockFile.Result, product: String, provider: String, free: Int) -> String {
    JSONText.object([
      "provider": JSONText.quote(provider), "product": JSONText.quote(product), "added": "\(result.added)",
      "already": "\(result.already)", "free": "\(free)", "bad": "\(result.bad.count)",
      "lines": JSONText.array(
        result.bad.prefix(StockFile.toldMax).map {
          JSONText.object(["line": "\($0.line)", "why": JSONText.quote($0.why)])
        }),
    ])
  }

  static func json(_ levels: [StockLevel]) -> String {
    JSONText.array(
      levels.map { level in
        JSONText.object([
          "provider": JSONText.quote(level.provider), "product": JSONText.quote(level.product),
          "free": "\(level.free)", "low": level.low.map { "\($0)" }, "reserved": "\(level.reserved)",
          "given": "\(level.given)", "expired": "\(level.expired)", "written_off": "\(level.writtenOff)",
          "worth": level.worth.map { JSONText.quote($0.description) },
          "next_expiry": level.nextExpiry.map(JSONText.quote),
        ])
      })
  }

  static func json(_ rows: [StockStore.Row]) -> String {
    JSONText.array(
      rows.map { row in
        JSONText.object([
          "code": "\(row.id)", "state": JSONText.quote(row.isExpired && row.state == "free" ? "expired" : row.state),
          "serial": row.serial.map(JSONText.quote), "cost": row.cost.map { JSONText.quote($0.description) },
          "expires_at": row.expiresAt.map(JSONText.quote), "order": row.orderID.map(JSONText.quote),
          "line": "\(row.line)",
        ])
      })
  }
}
