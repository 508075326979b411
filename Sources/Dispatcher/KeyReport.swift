import CommandLine
import EventLoop
import Store

/// What `dispatcher key status` shows.
struct KeyReport {
  let keys: [KeyBook.Key]
  let counts: Resealer.Counts
  let holders: [KeyBook.Holder]
  /// Those of the command itself; empty without the key.
  let given: [String]

  var active: String? { keys.first { $0.state == .active }?.id }

  @LoopActor
  static func read(_ store: Store, given: [String]) async throws -> KeyReport {
    let book = KeyBook(store)
    return KeyReport(
      keys: try await book.keys(), counts: try await Resealer(store).counts(), holders: try await book.holders(),
      given: given)
  }

  /// Every key that is known, given, or has sealed something.
  private var ids: [String] {
    var ids = keys.map(\.id)
    for id in given + counts.flatMap({ $0.byKey.keys.sorted() }) where !ids.contains(id) { ids.append(id) }
    return ids
  }

  /// Those that seal with another key than the active one.
  var others: [String] { holders.filter { $0.sealing != active }.map(\.process) }

  private func sealed(_ id: String) -> Int { counts.reduce(0) { $0 + ($1.byKey[id] ?? 0) } }

  var text: String {
    var lines: [String] = []
    var table = TextTable([.init(), .init(), .init(isRight: true), .init()])
    for id in ids {
      let key = keys.first { $0.id == id }
      table.add([
        id, key.map { "\($0.state.rawValue) since \($0.since)" } ?? "not known here", "\(sealed(id)) sealed",
        given.isEmpty ? "" : given.contains(id) ? "in SEVK_SECRET_KEY" : "not in SEVK_SECRET_KEY",
      ])
    }
    lines.append(
      table.isEmpty ? "no key is known yet: the first process with one makes its own the active one" : table.text())
    for (place, byKey) in counts where !byKey.isEmpty {
      let parts = byKey.sorted { $0.key < $1.key }.map { "\($0.value) with \($0.key)" }
      lines.append("\(place.meaning): \(parts.joined(separator: ", "))")
    }
    for holder in holders {
      lines.append("\(holder.process) has \(holder.keys.joined(separator: ", ")) and seals with \(holder.sealing)")
    }
    lines.append("next: \(next)")
    return lines.joined(separator: "\n")
  }

  private var next: String {
    guard let active else { return "start a process, with the key that sealed what is there" }
    let others = counts.flatMap { $0.byKey.filter { $0.key != active } }
    let unknown = Set(others.map(\.key)).subtracting(given).sorted()
    if !given.isEmpty, !given.contains(active) {
      return "SEVK_SECRET_KEY lacks the active key \(active): give the one of the other processes"
    }
    let lacking = holders.filter { !$0.keys.contains(active) }
    if !lacking.isEmpty {
      return "restart these, which lack the active key: \(lacking.map(\.process).joined(separator: ", "))"
    }
    if let new = given.last, new != active, keys.first(where: { $0.id == new })?.state ?? .known == .known {
      let without = holders.filter { !$0.keys.contains(new) }
      return without.isEmpty
        ? "dispatcher key rotate (every process has \(new))"
        : "restart these with the new SEVK_SECRET_KEY, then dispatcher key rotate: "
          + without.map(\.process).joined(separator: ", ")
    }
    if others.contains(where: { given.contains($0.key) }) { return "dispatcher key reseal" }
    if given.isEmpty, !others.isEmpty {
      return "dispatcher key reseal, by somebody who has SEVK_SECRET_KEY"
    }
    if !given.isEmpty, !unknown.isEmpty {
      return
        "what \(unknown.joined(separator: ", ")) sealed can't be read: add that key, or give it up (ops/RUNBOOK.md)"
    }
    if let old = keys.first(where: { $0.state == .old && sealed($0.id) == 0 }) {
      return "dispatcher key rotate --drop \(old.id) >FILE, when no backup of before is needed any more"
    }
    return "nothing"
  }

  var json: String {
    JSONText.object([
      "active": active.map { JSONText.quote($0) } ?? "null",
      "keys": JSONText.array(
        ids.map { id in
          let key = keys.first { $0.id == id }
          return JSONText.object([
            "id": JSONText.quote(id), "state": key.map { JSONText.quote($0.state.rawValue) } ?? "null",
            "since": key.map { JSONText.quote($0.since) } ?? "null", "sealed": "\(sealed(id))",
            "given": "\(given.contains(id))",
          ])
        }),
      "places": JSONText.array(
        counts.map { place, byKey in
          JSONText.object([
            "place": JSONText.quote(place.name),
            "sealed": JSONText.array(
              byKey.sorted { $0.key < $1.key }.map {
                JSONText.object(["key": JSONText.quote($0.key), "count": "\($0.value)"])
              }),
          ])
        }),
      "processes": JSONText.array(
        holders.map {
          JSONText.object([
            "process": JSONText.quote($0.process), "keys": JSONText.array($0.keys.map { JSONText.quote($0) }),
            "sealing": JSONText.quote($0.sealing),
          ])
        }),
      "next": JSONText.quote(next),
    ])
  }
}
