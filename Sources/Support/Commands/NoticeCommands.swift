import CommandLine
import EventLoop
import Orders
import Process
import Store

/// `worker notice list|show`: what people were told of orders, and what became of it.
enum NoticeCommands {
  private static let listedMax = 100
  private static let states = NotifyRow.State.allCases.map(\.rawValue)

  static let list = Command(
    "notice list", usage: "[--order ID] [--state STATE] [--tenant NAME] [--limit N] [--json]",
    "Lists what customers, partners and ops were told, or are to be, the newest first.",
    grammar: .init(
      values: ["--order", "--state", "--tenant", "--limit"], switches: ["--json"], choices: ["--state": states]),
    settings: OrderCommands.reading, example: "worker notice list --state waiting"
  ) { arguments, settings in
    let state = try arguments.value("--state").map { text in
      guard let state = NotifyRow.State(rawValue: text) else {
        throw UsageError("--state must be one of \(states.joined(separator: ", "))")
      }
      return state
    }
    var limit = listedMax
    if let text = arguments.value("--limit") {
      guard let number = Int(text), (1...1000).contains(number) else {
        throw UsageError("--limit is \"\(text)\", but must be a number from 1 to 1000")
      }
      limit = number
    }
    let order = try arguments.id("--order").map { text in
      guard OrderID(text) != nil else { throw UsageError("--order \(text) is no order's id") }
      return text
    }
    try await with(settings) { store in
      let rows = try await store.list(order: order, state: state, tenant: arguments.value("--tenant"), limit: limit)
      if arguments.has("--json") { return print(JSONText.array(rows.map(NoticeText.json))) }
      print(
        rows.isEmpty
          ? "nobody was told anything yet; who is to be: dispatcher notify list"
          : NoticeText.table(rows).text(width: TextOutput.standard.columns))
    }
  }

  static let show = Command(
    "notice show", usage: "NUMBER [--json]", "Shows one notice: to whom, by which channel, and what became of it.",
    grammar: .init(switches: ["--json"], wordsMax: 1), settings: OrderCommands.reading,
    example: "worker notice show 42"
  ) { arguments, settings in
    guard let id = arguments.words.first.flatMap({ Int64($0) }) else {
      throw UsageError("NUMBER is missing; see: worker notice list")
    }
    try await with(settings) { store in
      guard let row = try await store.list(id: id, limit: 1).first else {
        throw ExitError("there is no notice \(id); see: worker notice list", code: 1)
      }
      print(arguments.has("--json") ? NoticeText.json(row) : NoticeText.show(row))
    }
  }

  @LoopActor
  private static func with(_ settings: Settings, _ body: @LoopActor (NotifyStore) async throws -> Void) async throws {
    try await EndpointCommands.with(settings, redis: false) { sources in try await body(NotifyStore(sources.store)) }
  }
}

/// What people were told, for people and for programs.
enum NoticeText {
  static func table(_ rows: [NotifyRow]) -> TextTable {
    var table = TextTable("NUMBER", "ORDER", "OF", "TO", "CHANNEL", "STATE", "AT", "WHY")
    for row in rows {
      table.add([
        "\(row.id)", row.orderID, row.isEdit ? "(changed words)" : row.type, row.audience, row.channel,
        row.state.rawValue,
        row.sentAt ?? row.nextAt.map { "next \($0)" } ?? row.happenedAt, row.why ?? "",
      ])
    }
    return table
  }

  static func show(_ row: NotifyRow) -> String {
    var lines = [
      "notice \(row.id): \(sentence(row))",
      "of:       \(row.type) of \(row.orderID), version \(row.version), \(row.happenedAt)",
      "to:       \(row.audience) of \(row.tenant)" + (row.address.map { " at \($0)" } ?? ""),
      "channel:  \(row.channel) (\(row.adapter))" + (row.messageID.map { ", there \($0)" } ?? ""),
      "attempts: \(row.attempts)"
        + (row.doubts > 0
          ? ", of which nobody knows whether \(row.doubts == 1 ? "one" : "\(row.doubts)") arrived" : ""),
    ]
    if let next = row.nextAt { lines.append("next:     \(next)") }
    if let why = row.why { lines.append("why:      \(why)") }
    return lines.joined(separator: "\n")
  }

  /// A line for each audience and channel: the newest that it was told, or is to be.
  static func newest(_ rows: [NotifyRow]) -> [String] {
    var seen: Set<String> = []
    return rows.filter { !$0.isEdit && seen.insert("\($0.audience) \($0.channel)").inserted }.reversed().map { row in
      "\(row.audience) by \(row.channel): \(row.type), \(sentence(row))" + (row.sentAt.map { " at \($0)" } ?? "")
        + (row.state == .sent ? "" : " (worker notice show \(row.id))")
    }
  }

  static func sentence(_ row: NotifyRow) -> String {
    switch row.state {
    case .waiting: row.attempts == 0 ? "in line" : "tried, and to be tried again"
    case .sent: "sent"
    case .dropped: "left out: a newer change was told, or it came too late"
    case .refused: "the service takes nothing for this person, or not this"
    case .nobody: "nobody knows how to reach them"
    case .failed: "not sent within a day"
    case .unknown: "nobody knows whether it arrived"
    }
  }

  static func json(_ row: NotifyRow) -> String {
    JSONText.object([
      "number": "\(row.id)", "tenant": JSONText.quote(row.tenant), "to": JSONText.quote(row.audience),
      "channel": JSONText.quote(row.channel), "adapter": JSONText.quote(row.adapter),
      "order": JSONText.quote(row.orderID), "version": "\(row.version)", "type": JSONText.quote(row.type),
      "is_edit": "\(row.isEdit)", "state": JSONText.quote(row.state.rawValue),
      "why": row.why.map { JSONText.quote($0) },
      "attempts": "\(row.attempts)", "doubts": "\(row.doubts)", "happened_at": JSONText.quote(row.happenedAt),
      "sent_at": row.sentAt.map { JSONText.quote($0) }, "next_at": row.nextAt.map { JSONText.quote($0) },
      "address": row.address.map { JSONText.quote($0) }, "message_id": row.messageID.map { JSONText.quote($0) },
    ])
  }
}
