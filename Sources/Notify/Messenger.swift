public import Adapters
public import EventLoop
public import HTTPClient
import Orders

/// Carries messages to the services, and says how that ended. What is sent, and when again, others decide.
@LoopActor
public final class Messenger {
  private static let timeout = Duration.seconds(15)
  private static let connectTimeout = Duration.seconds(5)
  private static let answerBytesMax = 64 * 1024
  /// Most connections of a process.
  public nonisolated static let connectionsMax = 64

  private let http: HTTPClient
  private let mail: MailClient

  /// - Parameters:
  ///   - http: with the rule where it may connect; so is `mail`.
  public nonisolated init(http: HTTPClient, mail: MailClient) { (self.http, self.mail) = (http, mail) }

  /// One message, for one person.
  public struct Message: Sendable {
    public let text: MessageText
    public let address: String
    /// From 1, and the same at each attempt.
    public let id: Int64
    /// The same at each attempt, and no other message's: for services that know messages by a name.
    public let name: String
    /// When what it tells happened, in milliseconds of Unix time.
    public let at: Int64

    public init(_ text: MessageText, to address: String, id: Int64, name: String, at: Int64) {
      (self.text, self.address, self.id, self.name, self.at) = (text, address, id, name, at)
    }
  }

  public func send(_ message: Message, by adapter: any MessagingAdapter, _ account: ChannelAccount) async
    -> MessageOutcome
  {
    if let adapter = adapter as? any HTTPMessagingAdapter {
      let request = adapter.send(message.text, to: message.address, id: message.id, account: account)
      return await outcome(of: request, account) { adapter.readSend($0) }
    }
    return await sendMail(message, account)
  }

  /// Writes other words over a message that was sent.
  public func edit(_ id: String, _ message: Message, _ account: ChannelAccount) async -> MessageOutcome {
    let telegram = Telegram()
    let request = telegram.edit(id, in: message.address, message.text, account: account)
    return await outcome(of: request, account) { telegram.readEdit($0) }
  }

  /// Asks what became of a message.
  public func ask(
    about message: Message, by adapter: any AskableMessagingAdapter, _ account: ChannelAccount
  ) async -> MessageAnswer {
    let request = adapter.ask(about: message.id, to: message.address, account: account)
    switch await carry(request, account) {
    case .success(let reply): return adapter.readAnswer(reply)
    case .failure(let trouble): return .unreadable(trouble.words)
    }
  }

  /// Shows whether an account works; of e-mail only a message can.
  public func probe(
    _ adapter: any HTTPMessagingAdapter, _ account: ChannelAccount
  ) async -> Result<String, MessagingTrouble> {
    switch await carry(adapter.probe(account), account) {
    case .success(let reply): adapter.readProbe(reply)
    case .failure(let trouble): .failure(MessagingTrouble(trouble.words))
    }
  }

  /// Has Telegram post what it hears to `url`.
  public func setWebhook(_ url: String, _ account: ChannelAccount) async -> Result<Void, MessagingTrouble> {
    let telegram = Telegram()
    switch await carry(telegram.setWebhook(url, account: account), account) {
    case .failure(let trouble): return .failure(MessagingTrouble(trouble.words))
    case .success(let reply):
      switch telegram.readSend(reply) {
      case .sent: return .success(())
      case .refused(let words), .blocked(let words), .trouble(let words), .failed(let words), .unknown(let words):
        return .failure(MessagingTrouble(words))
      case .busy(let pause): return .failure(MessagingTrouble("it takes nothing for \(pause.inWords)"))
      case .moved: return .failure(MessagingTrouble("it answered about a chat"))
      }
    }
  }

  // MARK: Carrying

  private struct Trouble: Error {
    let words: String
    let wasSent: Bool
  }

  private func outcome(of request: WireRequest, _ account: ChannelAccount, _ read: (WireReply) -> MessageOutcome) async
    -> MessageOutcome
  {
    switch await carry(request, account) {
    case .success(let reply): read(reply)
    case .failure(let trouble): trouble.wasSent ? .unknown(trouble.words) : .failed(trouble.words)
    }
  }

  private func carry(_ request: WireRequest, _ account: ChannelAccount) async -> Result<WireReply, Trouble> {
    do {
      let reply = try await http.perform(
        HTTPClientRequest(
          method: request.method, url: request.url, headers: request.headers.map { ($0.name, $0.value) },
          body: request.body, timeout: Self.timeout, connectTimeout: Self.connectTimeout,
          bodyBytesMax: Self.answerBytesMax,
          // One of its own: on a kept one that the server ends a message might be sent twice.
          connection: .fresh, cutsAnswer: true))
      // Its words are kept and shown, and it may print what it was sent.
      return .success(
        WireReply(
          status: reply.status, contentType: reply.contentType,
          body: Redaction.removing(credentialsOf: account, from: reply.body)))
    } catch let error as HTTPClientError {
      return .failure(
        Trouble(
          words: error.words.replacing("the provider", with: "the service"), wasSent: error.reach != .notSent))
    } catch {
      return .failure(Trouble(words: "\(error)", wasSent: true))
    }
  }

  private func sendMail(_ message: Message, _ account: ChannelAccount) async -> MessageOutcome {
    guard
      let letter = EmailMessage(
        message.text, from: account.credentials["from"] ?? "", to: message.address, id: message.name, at: message.at)
    else { return .refused("it is no address of e-mail") }
    let user = account.credentials["username"] ?? ""
    let result = await mail.send(
      Mail(
        url: account.baseURL, login: user.isEmpty ? nil : (user, account.credentials["password"] ?? ""),
        from: letter.from, to: letter.to, bytes: letter.bytes,
        helo: String(letter.from.split(separator: "@").last ?? "localhost"), timeout: Self.timeout,
        connectTimeout: Self.connectTimeout))
    if result.isTaken { return .sent(id: nil) }
    let said = Redaction.removing(credentialsOf: account, from: Array(result.words.utf8))
    return Email.outcome(
      code: result.code, wasWhole: result.wasWhole, isLogin: result.isLogin,
      words: String(decoding: said, as: UTF8.self))
  }
}
