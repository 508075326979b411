public import EventLoop
internal import Orders
internal import Postgres

/// What people are still to be told, as the sink puts it in line and workers take it out; and what became of it.
@LoopActor
public struct NotifyStore {
  /// When a newer change waits, one that is so old is not told any more: after an outage each hears how things stand.
  public nonisolated static let lateAfter = Duration.seconds(60)
  /// Older news are none.
  public nonisolated static let lifetime = Duration.seconds(24 * 3600)

  private let store: Store
  public nonisolated init(_ store: Store) { self.store = store }

  /// A target and an order that something is in line for.
  public struct Line: Sendable, Hashable {
    public let target: Int64
    public let order: String
    public init(target: Int64, order: String) { (self.target, self.order) = (target, order) }
  }

  // MARK: Into the line

  /// The tenants of whose orders somebody is told.
  public func tenants() async throws -> Set<String> {
    Set(try await store.pool.run(Statements.notifyTenants, []).map { try $0.text(0) })
  }

  /// Puts events in line for those who want to be told; those that are there already stay as they are.
  ///
  /// - Returns: where something is in line by it, and whether something was there before, whose job may wait.
  public func add(_ events: [OutboxEvent]) async throws -> [(line: Line, channel: Int64, isBehind: Bool)] {
    try await store.pool.run(
      Statements.insertNotifications,
      [
        .textArray(events.map(\.tenant)), .textArray(events.map(\.type)), .textArray(events.map(\.orderID)),
        .intArray(events.map { Int64($0.version) }), .textArray(events.map(\.time)),
      ]
    ).map { (Line(target: try $0.int(0), order: try $0.text(1)), try $0.int(2), try $0.bool(3)) }
  }

  /// Lets a message that was sent say something else from now on, without buttons.
  ///
  /// - Returns: where that is in line; nil when there is no such message.
  public func edit(_ notification: Int64, words: String) async throws -> (line: Line, channel: Int64)? {
    let rows = try await store.pool.run(Statements.editNotification, [.int(notification), .text(words)])
    guard let row = rows.first else { return nil }
    return (Line(target: try row.int(0), order: try row.text(1)), try row.int(2))
  }

  // MARK: Out of it

  /// The next thing that a target is to be told of an order.
  public struct Due: Sendable {
    public let id: Int64
    public let version: Int
    /// A message that was sent is to say ``words`` from now on.
    public let isEdit: Bool
    /// Of the event.
    public let type: String
    public let words: String?
    /// Attempts so far, and how many of them may have arrived.
    public let attempts: Int
    public let doubts: Int
    /// Since an attempt began of which nobody knows whether it arrived.
    public let sinceBegun: Duration?
    /// Negative when it is overdue.
    public let untilDue: Duration
    /// When the event happened, in milliseconds of Unix time.
    public let happenedAt: Int64
    public let channelID: Int64
    public let channel: String
    public let adapter: String
    public let baseURL: String
    public let credentials: [String: String]
    /// The channel was in trouble.
    public let isTroubled: Bool
    public let audience: NotifyAudience
    public let language: String?
    public let tenantID: Int64
    public let tenant: String
    /// nil: nobody knows.
    public let address: String?
    /// Why the service brings nothing there; nil when it does.
    public let blocked: String?
    public let messageID: String?
    public let orderID: String
    /// nil for an event that is no order's; so are the next two.
    public let product: String?
    public let shopReference: String?
    public let reasonCode: String?
    /// What an event for operators is about, and its data in JSON.
    public let subject: String?
    public let data: String?
    /// What was dropped before it, since it was no news any more.
    public let dropped: Int
  }

  /// - Throws: `VaultError` when the channel's credentials can't be read.
  public func due(_ line: Line) async throws -> Due? {
    guard OrderID(line.order) != nil else { throw StoreError.invalid("\"\(line.order)\" is no order's id") }
    let rows = try await store.pool.run(
      Statements.dueNotification,
      [
        .int(line.target), .text(line.order), .int(Self.lateAfter.milliseconds), .int(Self.lifetime.milliseconds),
      ])
    guard let row = rows.first else { return nil }
    let channel = try row.text(11)
    guard let audience = NotifyAudience(rawValue: try row.text(16)) else { throw row.unreadable(16, "is no audience") }
    return try Due(
      id: row.int(0), version: Int(row.int(1)), isEdit: row.text(2) == "edit", type: row.text(3),
      words: row.textOrNil(4), attempts: Int(row.int(5)), doubts: Int(row.int(6)),
      sinceBegun: row.intOrNil(7).map { .milliseconds($0) }, untilDue: .milliseconds(row.int(8)),
      happenedAt: row.int(9), channelID: row.int(10), channel: channel, adapter: row.text(12), baseURL: row.text(13),
      credentials: ChannelStore.open(row.bytes(14), channel, store), isTroubled: row.bool(15), audience: audience,
      language: row.textOrNil(17), tenantID: row.int(18), tenant: row.text(19), address: row.textOrNil(20),
      blocked: row.boolOrNil(21) == true ? row.textOrNil(22) ?? "it brings nothing there" : nil,
      messageID: row.textOrNil(23), orderID: row.text(24), product: row.textOrNil(25),
      shopReference: row.textOrNil(26), reasonCode: row.textOrNil(27), subject: row.textOrNil(28),
      data: row.textOrNil(29), dropped: Int(row.int(30)))
  }

  /// Notes that an attempt begins, before anything leaves.
  ///
  /// - Returns: false when another process has it, or it is in line no more.
  public func begin(_ due: Due, to address: String) async throws -> Bool {
    try await store.pool.run(
      Statements.beginNotification, [.int(due.id), .int(due.attempts), .text(address)]
    ).count == 1
  }

  /// How an attempt ended, or why there is none.
  public struct Ending: Sendable {
    public var state: NotifyRow.State
    public var why: String?
    /// Until the next attempt.
    public var pause: Duration?
    /// The service's name for the message.
    public var messageID: String?
    /// It may have arrived.
    public var isInDoubt = false

    public init(_ state: NotifyRow.State, _ why: String? = nil, pause: Duration? = nil) {
      (self.state, self.why, self.pause) = (state, why, pause)
    }
  }

  /// - Parameter attempts: with the one that ended.
  public func record(_ ending: Ending, of due: Due, attempts: Int) async throws {
    _ = try await store.pool.run(
      Statements.recordNotification,
      [
        .int(due.id), .text(ending.state.rawValue), .text(ending.why), .int(ending.pause?.milliseconds),
        .text(ending.messageID), .bool(ending.isInDoubt), .int(attempts),
      ])
  }

  /// Lets nothing go to a channel for so long; nil: it works.
  public func hold(_ channel: Int64, for pause: Duration?, trouble: String?) async throws {
    _ = try await store.pool.run(
      Statements.holdChannel, [.int(channel), .int(pause?.milliseconds), .text(trouble)])
  }

  /// Notes where somebody is reached from now on, or that they are not.
  public func note(
    contact address: String, of channel: Int64, movedTo: String? = nil, isBlocked: Bool = false, why: String? = nil
  ) async throws {
    _ = try await store.pool.run(
      Statements.noteContact,
      [.int(channel), .text(address), .text(movedTo), .bool(isBlocked), .text(why)])
  }

  /// Somebody who took nothing from us wrote to us.
  public func unblock(contact address: String, of channel: Int64) async throws {
    _ = try await store.pool.run(Statements.unblockContact, [.int(channel), .text(address)])
  }

  /// Takes what is in line for a target about an order out of it.
  public func keep(_ line: Line, why: String) async throws {
    _ = try await store.pool.run(Statements.keepNotifications, [.int(line.target), .text(line.order), .text(why)])
  }

  /// A page of where something is in line, with the time until it is due.
  public func owed(after last: Line, limit: Int) async throws -> [(line: Line, channel: Int64, untilDue: Duration)] {
    try await store.pool.run(
      Statements.owedNotifications, [.int(last.target), .text(last.order), .int(limit)]
    ).map { (Line(target: try $0.int(0), order: try $0.text(1)), try $0.int(2), .milliseconds(try $0.int(3))) }
  }

  /// What people were told, the newest first.
  public func list(
    order: String? = nil, state: NotifyRow.State? = nil, tenant: String? = nil, id: Int64? = nil, limit: Int
  ) async throws -> [NotifyRow] {
    try await store.pool.run(
      Statements.listNotifications,
      [.text(order), .text(state?.rawValue), .text(tenant), .int(id), .int(limit)]
    ).map { try NotifyRow($0) }
  }
}
