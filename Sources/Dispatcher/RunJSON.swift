import CommandLine
import Orders
import Store
import Support

/// Runs over many orders as the API shows them.
enum RunJSON {
  private static let firstShownMax = 20

  /// No order fits: there is nothing to begin.
  static let none = JSONText.object(["state": JSONText.quote("none"), "total": "0"])

  /// What a dry run found.
  static func text(_ run: OrderRun, _ preview: ManyOrders.Preview) -> String {
    let first = preview.possible.prefix(firstShownMax).map { line in
      JSONText.object([
        "id": JSONText.quote(line.order.id.description), "status": JSONText.quote(line.order.status.rawValue),
        "reference": line.order.shopReference.map(JSONText.quote), "product": JSONText.quote(line.order.product),
        "needs_second_person": line.second != nil ? "true" : nil,
      ])
    }
    let stakes = preview.sums.map { sum in
      JSONText.object([
        "amount": JSONText.quote(sum.amount.description),
        "currency": sum.currency.isEmpty ? nil : JSONText.quote(sum.currency),
      ])
    }
    return object(
      run,
      [
        ("possible", "\(preview.possible.count)"), ("need_second_person", "\(preview.takeTwo)"),
        ("at_stake", JSONText.array(stakes)), ("at_stake_unknown", "\(preview.unknownSums)"),
        ("orders", JSONText.array(first)),
        (
          "refusals",
          JSONText.array(
            preview.refusals.map { JSONText.object(["why": JSONText.quote($0.why), "orders": "\($0.count)"]) })
        ),
      ])
  }

  /// How far one is; without `refused` and `wanted` in short, as in a list.
  static func text(_ run: OrderRun, refused: [OrderRun.Item]? = nil, wanted: [OrderRun.Item]? = nil) -> String {
    func list(_ items: [OrderRun.Item]) -> String {
      JSONText.array(
        items.map { JSONText.object(["id": JSONText.quote($0.id.description), "why": $0.why.map(JSONText.quote)]) })
    }
    var more: [(String, String)] = []
    if let refused { more.append(("refused_orders", list(refused))) }
    if let wanted { more.append(("orders_waiting_for_second", list(wanted))) }
    return object(run, more)
  }

  private static func object(_ run: OrderRun, _ more: [(name: String, json: String)]) -> String {
    var object = JSONObjectText()
    object.add("id", json: "\(run.id)")
    object.add("state", run.isOrphaned ? "stopped" : run.state.rawValue)
    object.add("move", run.what)
    object.add("filter", run.filter)
    object.add("drawn_by", run.drawnBy)
    object.add("drawn_at", run.drawnAt)
    object.add("who", run.who)
    object.add("note", run.note)
    object.add("started_at", run.startedAt)
    object.add("ended_at", run.endedAt)
    object.add("total", json: "\(run.total)")
    object.add("done", json: "\(run.counts[.done] ?? 0)")
    object.add("waiting_for_second", json: "\(run.counts[.wanted] ?? 0)")
    object.add("refused", json: "\(run.counts[.refused] ?? 0)")
    object.add("left", json: "\(run.left)")
    for (name, json) in more { object.add(name, json: json) }
    return object.end()
  }
}
