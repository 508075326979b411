import API
import Adapters
import Cipher
import EventLoop
import HTTPServer
import Notify
import Orders
import Store
import Telemetry

/// `POST /hooks/telegram/{channel}`: what Telegram hears. It proves itself by the channel's secret in a header; updates come at
/// least once and in any order, and are told apart by their number.
///
/// What a press is to bring is in the answer, which Telegram carries out: a gateway calls nobody. What it did is noted before
/// that, with the answer, so that an update that comes again is answered alike.
@LoopActor
final class TelegramHooks {
  nonisolated static let prefix = "/hooks/telegram/"
  nonisolated static let bodyBytesMax = 65_536
  /// Of one channel; and of all posts together that prove nothing, which so can't use up what Telegram has.
  private static let perSecond = 50.0
  private static let burst = 200.0
  /// Nothing is older than this, as with the directory.
  private static let channelsAge = Duration.seconds(2)

  private let channels: ChannelStore
  private let buttons: ButtonStore
  private let notify: NotifyStore
  private let handlers: [String: any ButtonHandler]
  private let plan: @LoopActor @Sendable (NotifyStore.Line, _ channel: Int64) async -> Void
  private let log: Log
  private let metrics: Metrics
  private var buckets: [String: TokenBucket] = [:]
  private var known: (channels: [String: Known], at: ContinuousClock.Instant)?

  private struct Known {
    let id: Int64
    let secret: [UInt8]
  }

  /// - Parameters:
  ///   - handlers: what each kind of button does.
  ///   - plan: has a job run for what is in line.
  init(
    _ store: Store, handlers: [any ButtonHandler],
    plan: @escaping @LoopActor @Sendable (NotifyStore.Line, _ channel: Int64) async -> Void, _ instruments: Instruments
  ) {
    channels = ChannelStore(store)
    buttons = ButtonStore(store)
    notify = NotifyStore(store)
    self.handlers = Dictionary(handlers.map { ($0.kind, $0) }, uniquingKeysWith: { first, _ in first })
    self.plan = plan
    (log, metrics) = (instruments.log, instruments.metrics)
    metrics.describe("sevk_telegram_updates_total", "counter", "What Telegram posted, by what became of it")
  }

  func answer(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard request.method == "POST" else {
      throw Problem(
        status: 405, title: "Method not allowed", detail: "\(request.method) is not possible here; use POST",
        headers: [("Allow", "POST")])
    }
    let name = String(request.path.dropFirst(Self.prefix.count))
    let channel = try await channel(named: name)
    // One that there is not is refused as one whose secret is wrong, so that no name is guessed.
    let given = Array((request.header(Telegram.secretHeader) ?? "").utf8)
    guard let channel, !channel.secret.isEmpty, Digest.constantTimeEquals(given, channel.secret) else {
      try limit("")
      metrics.add("sevk_telegram_updates_total", ["result": "rejected"])
      throw Problem(status: 403, title: "Refused", detail: "this is no post of Telegram's", code: .forbidden)
    }
    try limit(name)
    guard let update = TelegramUpdate(request.body) else {
      metrics.add("sevk_telegram_updates_total", ["result": "unreadable"])
      // Coming again makes it no better.
      return Self.response(nil)
    }
    let before = try await buttons.take(update: update.id, channel: channel.id)
    if before.isDone {
      metrics.add("sevk_telegram_updates_total", ["result": "again"])
      return Self.response(before.answer)
    }
    let answer: String?
    switch update.event {
    case .press(let press): answer = try await take(press, update.id, channel.id)
    case .message(let chat, let text): answer = try await take(text, from: chat, channel.id)
    case .other: answer = nil
    }
    try await buttons.end(update: update.id, channel: channel.id, answer: answer)
    metrics.add("sevk_telegram_updates_total", ["result": "taken"])
    return Self.response(answer)
  }

  private static func response(_ answer: String?) -> HTTPResponse {
    HTTPResponse(
      status: 200, headers: [("Content-Type", "application/json")], body: Array((answer ?? "{}").utf8))
  }

  // MARK: What was heard

  private func take(_ press: TelegramUpdate.Press, _ update: Int64, _ channel: Int64) async throws -> String {
    func note(_ words: NoticeWords.UI, _ language: String = "en") -> String {
      Telegram.answerInPlace(
        press: press.id, NoticeWords.ui(words, NoticeLanguage(language) ?? .en), isAlert: false)
    }
    guard let token = press.data, Telegram.pressBytes.contains(token.utf8.count) else { return note(.unknownButton) }
    switch try await buttons.claim(token, channel: channel, update: update) {
    case .unknown: return note(.unknownButton)
    case .used(let language): return note(.alreadyDone, language)
    case .expired(let language): return note(.expired, language)
    case .counts(let meaning, let code, let notification):
      let language = NoticeLanguage(code) ?? .en
      guard let handler = handlers[meaning.kind] else { return note(.notPossible, code) }
      let answer = try await handler.press(meaning, by: press.user, language)
      if let words = answer.message, let notification,
        let edit = try await notify.edit(notification, words: words)
      {
        await plan(edit.line, edit.channel)
      }
      return Telegram.answerInPlace(press: press.id, answer.note, isAlert: answer.isAlert)
    }
  }

  /// Whoever writes to the bot can be told things again; and hears the number by which ops name the chat.
  private func take(_ text: String, from chat: Int64, _ channel: Int64) async throws -> String? {
    try await notify.unblock(contact: "\(chat)", of: channel)
    let word = text.split(separator: " ").first.map { $0.prefix { $0 != "@" } }
    guard word == "/start" || word == "/id" else { return nil }
    return Telegram.replyInPlace(to: "\(chat)", "\(chat)")
  }

  // MARK: Channels

  private func channel(named name: String) async throws -> Known? {
    if let known, .now - known.at < Self.channelsAge { return known.channels[name] }
    var found: [String: Known] = [:]
    for row in try await channels.channels() where row.adapter == Telegram.name {
      // One that can't be read proves nobody.
      let secret = (try? channels.credentials(of: row))?[Telegram.webhookSecret] ?? ""
      found[row.name] = Known(id: row.id, secret: Array(secret.utf8))
    }
    known = (found, .now)
    return found[name]
  }

  private func limit(_ name: String) throws {
    let now = ContinuousClock.now
    let wait = buckets[name, default: TokenBucket(perSecond: Self.perSecond, burst: Self.burst, now: now)]
      .take(1, now: now)
    if let wait { throw Problem.tooMany("too many updates at once; send it again", wait) }
  }
}
