public import Adapters
public import EventLoop
public import Jobs
public import Kinds
import Orders
public import Store
public import Telemetry

/// Handles ``NotifyPeople``: tells what is in line, oldest first, until nothing is or an attempt fails.
///
/// A service's faults are no faults of the job: they are written down with the notice, and the job comes again when that is
/// due. An attempt is noted before anything leaves, so that after the death of a process it is known to be in doubt: where
/// the service can be asked, it is asked before a second attempt; elsewhere the message may come twice, and says nothing
/// that harms then.
@LoopActor
public final class Teller {
  /// Told by one job before others get its place.
  private static let batchMax = 10
  /// A service that takes nothing from this account is tried again after so long.
  private static let troublePause = Duration.seconds(60)
  /// What a service does not know after so long it never got.
  private static let askAfter = Duration.seconds(60)
  /// Until it is asked again.
  private static let askPause = Duration.seconds(30)
  /// Attempts that may all have arrived: more would annoy.
  private static let doubtsMax = 5

  private let store: NotifyStore
  private let texts: ChannelStore
  private let tokens: ButtonStore
  private let messenger: Messenger
  private let pace: ChannelPace
  private let pauses: [Duration]
  private let buttons: [any NoticeButtons]
  private let link: @LoopActor @Sendable (NotifyStore.Due) -> String?
  private let log: Log
  private let metrics: Metrics

  /// - Parameters:
  ///   - slots: jobs that this process runs at once.
  ///   - pauses: after the first failed attempt, the second, and so on; the last one after all others.
  ///   - buttons: who names buttons, the first that does.
  ///   - link: a page about an order for whom it is told.
  public init(
    store: Store, messenger: Messenger, slots: Int, pauses: [Duration], buttons: [any NoticeButtons] = [AskButtons()],
    link: @escaping @LoopActor @Sendable (NotifyStore.Due) -> String? = { _ in nil }, _ instruments: Instruments
  ) {
    self.store = NotifyStore(store)
    texts = ChannelStore(store)
    tokens = ButtonStore(store)
    self.messenger = messenger
    pace = ChannelPace(slots: slots)
    self.pauses = pauses
    self.buttons = buttons
    self.link = link
    (log, metrics) = (instruments.log, instruments.metrics)
    metrics.describe("sevk_notices_total", "counter", "Attempts to tell people, by what came of them")
    metrics.describe("sevk_notice_duration_seconds", "histogram", "How long services took to take a notice")
  }

  public func run(_ job: NotifyPeople, _ context: JobContext) async throws -> Outcome {
    let line = NotifyStore.Line(target: job.target, order: job.order)
    for _ in 0..<Self.batchMax {
      guard let due = try await store.due(line) else { return .completed }
      if due.dropped > 0 { count(due, "dropped", by: due.dropped) }
      guard due.untilDue <= .zero else { return .snooze(due.untilDue) }
      if let wait = pace.enter(due.channelID) { return .snooze(wait) }
      defer { pace.leave(due.channelID) }
      // Else another has the job, and tells it.
      guard context.lease.isHeld() else { return .snooze(.seconds(1)) }
      if let wait = try await tell(due, context) { return .snooze(wait) }
    }
    return .snooze(.zero)
  }

  /// - Returns: how long to wait before the same is looked at again; nil: what is in line next tells.
  private func tell(_ due: NotifyStore.Due, _ context: JobContext) async throws -> Duration? {
    guard let adapter = ChannelRegistry.adapter(named: due.adapter) else {
      return try await end(due, .refused, "this version knows no adapter \(due.adapter)")
    }
    guard !due.isEdit || adapter is Telegram else {
      return try await end(due, .refused, "what was sent by \(due.adapter) stays as it is")
    }
    guard let address = due.address else {
      let field = type(of: adapter).contactField
      return try await end(
        due, .nobody,
        due.audience == .customer ? "the order has no field \(field)" : "nobody said how to reach them")
    }
    if let mistake = type(of: adapter).mistake(inAddress: address) { return try await end(due, .refused, mistake) }
    if let blocked = due.blocked, !due.isEdit { return try await end(due, .refused, blocked) }
    guard var text = try await text(of: due) else {
      return try await end(due, .refused, "there are no words for \(due.type)")
    }
    let account = ChannelAccount(baseURL: due.baseURL, credentials: due.credentials)
    func message() -> Messenger.Message {
      Messenger.Message(
        text, to: address, id: due.id, name: "\(due.orderID).\(due.version).\(due.id)", at: due.happenedAt)
    }
    if let begun = due.sinceBegun {
      guard due.doubts < Self.doubtsMax else {
        return try await end(due, .unknown, "\(due.attempts) attempts, of which nobody knows whether one arrived")
      }
      if let askable = adapter as? any AskableMessagingAdapter {
        let answer = await messenger.ask(about: message(), by: askable, account)
        if let done = try await settle(due, answer, begun) { return done.wait }
      }
    }
    if !due.isEdit, adapter is Telegram { text.buttons = try await keyboard(of: due) }
    guard try await store.begin(due, to: address) else { return .seconds(1) }
    // Right before what can't be taken back.
    guard context.lease.isHeld() else { return .seconds(1) }
    let begun = ContinuousClock.now
    let outcome =
      if due.isEdit, let id = due.messageID {
        await messenger.edit(id, message(), account)
      } else {
        await messenger.send(message(), by: adapter, account)
      }
    metrics.observe("sevk_notice_duration_seconds", ["channel": due.channel], .now - begun)
    try await record(outcome, of: due, address)
    return nil
  }

  // MARK: Words

  private func language(of due: NotifyStore.Due) -> NoticeLanguage {
    due.language.flatMap { NoticeLanguage($0) } ?? .en
  }

  private func text(of due: NotifyStore.Due) async throws -> MessageText? {
    let language = language(of: due)
    if due.isEdit {
      let lines = (due.words ?? "").split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
      return MessageText(
        subject: lines.first.map(String.init) ?? "", body: lines.dropFirst().first.map(String.init) ?? "",
        isRightToLeft: language.isRightToLeft)
    }
    let own = try await texts.words(tenant: due.tenantID, audience: due.audience, type: due.type)
    // One that a newer version wrote, with places that are unknown here, is not told half.
    let template =
      own[language.rawValue].flatMap { try? NoticeTemplate($0) }
      ?? NoticeWords.template(due.type, due.audience, language).flatMap { try? NoticeTemplate($0) }
    guard let template else { return nil }
    let (subject, body) = template.filled(due, language: language, isMarked: due.adapter != Smsc.name)
    return MessageText(subject: subject, body: body, link: link(due), isRightToLeft: language.isRightToLeft)
  }

  private func keyboard(of due: NotifyStore.Due) async throws -> [[MessageButton]] {
    let language = language(of: due)
    for source in buttons {
      let wanted = try await source.buttons(for: due, language)
      guard !wanted.isEmpty else { continue }
      var rows: [[MessageButton]] = []
      for row in wanted {
        var made: [MessageButton] = []
        for button in row {
          let token = try await tokens.make(
            button.meaning, channel: due.channelID, notification: due.id, language: language.rawValue,
            lifetime: button.lifetime)
          made.append(MessageButton(button.title, .press(token)))
        }
        rows.append(made)
      }
      return rows
    }
    return []
  }

  // MARK: Endings

  /// What a service says of a message that may have arrived.
  ///
  /// - Returns: nil when it is to be sent; else whether that settled it, or how long to wait.
  private func settle(
    _ due: NotifyStore.Due, _ answer: MessageAnswer, _ begun: Duration
  ) async throws -> (settled: Bool, wait: Duration?)? {
    switch answer {
    case .has:
      var ending = NotifyStore.Ending(.sent)
      ending.messageID = due.messageID
      try await store.record(ending, of: due, attempts: due.attempts)
      count(due, "sent")
      return (true, nil)
    case .failed(let words):
      _ = try await end(due, .refused, words)
      return (true, nil)
    case .hasNot: return begun < Self.askAfter ? (false, Self.askAfter - begun) : nil
    case .unreadable: return (false, Self.askPause)
    case .busy(let pause):
      try await store.hold(due.channelID, for: pause, trouble: nil)
      return (false, pause)
    case .trouble(let words):
      try await trouble(due, words)
      return (false, Self.troublePause)
    }
  }

  /// Ends it without another attempt.
  private func end(_ due: NotifyStore.Due, _ state: NotifyRow.State, _ why: String) async throws -> Duration? {
    try await store.record(NotifyStore.Ending(state, why), of: due, attempts: due.attempts)
    count(due, state.rawValue)
    tell(due, state)
    return nil
  }

  private func record(_ outcome: MessageOutcome, of due: NotifyStore.Due, _ address: String) async throws {
    let attempts = due.attempts + 1
    var ending: NotifyStore.Ending
    let label: String
    switch outcome {
    case .sent(let id):
      (ending, label) = (NotifyStore.Ending(.sent), "sent")
      ending.messageID = id
      if due.isTroubled { try await store.hold(due.channelID, for: nil, trouble: nil) }
    case .refused(let words): (ending, label) = (NotifyStore.Ending(.refused, words), "refused")
    case .blocked(let words):
      try await store.note(contact: address, of: due.channelID, isBlocked: true, why: words)
      (ending, label) = (NotifyStore.Ending(.refused, words), "blocked")
    case .moved(let chat):
      try await store.note(contact: address, of: due.channelID, movedTo: chat)
      (ending, label) = (NotifyStore.Ending(.waiting, "the chat moved to \(chat)", pause: .zero), "moved")
    case .busy(let pause):
      try await store.hold(due.channelID, for: pause, trouble: nil)
      let words = "the service takes nothing for \(pause.inWords)"
      (ending, label) = (NotifyStore.Ending(.waiting, words, pause: pause), "busy")
    case .trouble(let words):
      try await trouble(due, words)
      (ending, label) = (NotifyStore.Ending(.waiting, words, pause: Self.troublePause), "trouble")
    case .failed(let words):
      (ending, label) = (NotifyStore.Ending(.waiting, words, pause: pause(after: attempts)), "failed")
    case .unknown(let words):
      (ending, label) = (NotifyStore.Ending(.waiting, words, pause: pause(after: attempts)), "unknown")
      ending.isInDoubt = true
    }
    try await store.record(ending, of: due, attempts: attempts)
    count(due, label)
    if ending.state == .refused { tell(due, .refused) }
  }

  private func trouble(_ due: NotifyStore.Due, _ words: String) async throws {
    try await store.hold(due.channelID, for: Self.troublePause, trouble: words)
    // Once, and not for each notice.
    guard !due.isTroubled else { return }
    log.error(
      "a channel tells nobody anything until somebody mends it", ["channel": due.channel, "reason": words])
  }

  private func pause(after attempts: Int) -> Duration {
    let pause = pauses.isEmpty ? Self.troublePause : pauses[min(max(attempts, 1), pauses.count) - 1]
    return pause + pause * Double.random(in: 0...0.1)
  }

  private func count(_ due: NotifyStore.Due, _ outcome: String, by count: Int = 1) {
    metrics.add("sevk_notices_total", ["channel": due.channel, "outcome": outcome], by: Double(count))
  }

  private func tell(_ due: NotifyStore.Due, _ state: NotifyRow.State) {
    guard state != .nobody else { return }
    // Not why: a service may repeat whom it was for. It stands with the notice.
    log.info(
      "somebody is not told of an order",
      ["channel": due.channel, "audience": due.audience.rawValue, "order": due.orderID, "state": state.rawValue])
  }
}
