import CommandLine

import EventLoop
import Orders
import Store

/// What a person is told after a decision was written: what is so then, and not what was meant.
@LoopActor
struct Decided {
  /// As it was before.
  let order: Order
  let to: Status
  let choice: PersonChoice
  let person: Person
  /// Whether Redis took its job.
  let isPlanned: Bool

  func text(_ schedule: CheckSchedule, _ sources: SupportSources) async -> String {
    let noted = "; noted as decided by \(person.name)"
    let later = "\nRedis did not take its job; a scheduler adds it within a minute of Redis' return"
    guard to == .pending else { return "done: order \(order.id) is \(to.rawValue)\(noted)\(isPlanned ? "" : later)" }
    let hindrances = await hindrances(schedule, sources)
    guard let first = hindrances.first else {
      return "done: order \(order.id) is pending and due now\(noted)\(isPlanned ? "" : later)"
    }
    return "done\(noted): order \(order.id) is due now,"
      + (first.isOnlySlow ? " and goes when it has its turn: " : " but it waits: ") + first.text
      + hindrances.dropFirst().map { "\nand: \($0.text)" }.joined() + (isPlanned ? "" : later)
  }

  func json(_ schedule: CheckSchedule, _ sources: SupportSources) async -> String {
    let hindrances = to == .pending ? await hindrances(schedule, sources) : []
    return JSONText.object([
      "id": JSONText.quote(order.id.description), "what": JSONText.quote(choice.rawValue),
      "from": JSONText.quote(order.status.rawValue), "to": JSONText.quote(to.rawValue),
      "who": JSONText.quote(person.name), "note": JSONText.quote(person.note), "job_planned": "\(isPlanned)",
      "hindrances": JSONText.array(hindrances.map(\.json)),
    ])
  }

  /// Empty where it could not be found out, or the order has gone on already.
  private func hindrances(_ schedule: CheckSchedule, _ sources: SupportSources) async -> [Hindrance] {
    guard let now = try? await sources.store.order(order.id), now.status == .pending else { return [] }
    return (try? await OrderWhy.read(now, schedule: schedule, sources).hindrances) ?? []
  }
}
