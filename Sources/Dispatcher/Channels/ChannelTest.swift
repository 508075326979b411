import Adapters
import CommandLine
import EventLoop
import HTTPClient
import Notify
import Orders
import Process
import ProviderGate
import Store
import Telemetry

/// `dispatcher channel test`: whether an account works, and whether a message arrives.
enum ChannelTest {
  static let command = Command(
    "channel test", usage: "NAME [--to ADDRESS] [--language LANGUAGE] [--webhook URL]",
    "Asks a channel whether its account works; with --to it sends a message there.",
    grammar: .init(
      values: ["--to", "--language", "--webhook"], wordsMax: 1,
      choices: ["--language": NoticeLanguage.allCases.map(\.rawValue)]),
    settings: SetupCommands.sealing + [.providerPrivateHosts],
    details: [
      "--to       a chat's number, a phone number or an address of e-mail",
      "--webhook  has Telegram post presses to a gateway there, such as https://live.shop.example",
    ],
    example: "dispatcher channel test bot --to 123456789"
  ) { arguments, settings in
    let language = try NotifyCommands.language(arguments) ?? .en
    let addresses = try settings.providerAddresses()
    try await ChannelCommands.with(arguments, settings, key: .needed) { setup, channel, adapter in
      let http = HTTPClient(addresses: addresses, agent: Program.agent)
      let mail = MailClient(addresses: addresses)
      defer {
        http.close()
        mail.close()
      }
      let messenger = Messenger(http: http, mail: mail)
      let account = ChannelAccount(
        baseURL: channel.baseURL, credentials: try setup.channels.credentials(of: channel))
      if let adapter = adapter as? any HTTPMessagingAdapter {
        switch await messenger.probe(adapter, account) {
        case .success(let words): print(words)
        case .failure(let trouble): throw StartError("the channel \(channel.name) does not work: \(trouble)")
        }
      } else if arguments.value("--to") == nil {
        throw UsageError("--to is missing: only a message shows whether \(channel.adapter) works")
      }
      if let url = arguments.value("--webhook") {
        guard adapter is Telegram else {
          throw UsageError("--webhook is for telegram; \(channel.name) is \(channel.adapter)")
        }
        try await setWebhook(url, channel, account, messenger)
      }
      guard let address = arguments.value("--to") else { return }
      if let mistake = type(of: adapter).mistake(inAddress: address) { throw UsageError("--to \(address) \(mistake)") }
      let text = MessageText(
        subject: NoticeWords.ui(.testSubject, language), body: NoticeWords.ui(.testBody, language),
        isRightToLeft: language.isRightToLeft)
      // Behind those of notices, which count from 1.
      let id = Int64.random(in: 2_000_000_000...2_147_000_000)
      let message = Messenger.Message(
        text, to: address, id: id, name: "test.\(id)", at: Int64(Clock.unixMilliseconds()))
      switch await messenger.send(message, by: adapter, account) {
      case .sent: print("the message is on its way to \(address)")
      case .moved(let chat): throw ExitError("the chat moved; it is \(chat) now", code: 1)
      case .busy(let pause): throw ExitError("the service takes nothing for \(pause.inWords)", code: 1)
      case .unknown(let words): throw ExitError("nobody knows whether the message arrived: \(words)", code: 1)
      case .refused(let words), .blocked(let words), .trouble(let words), .failed(let words):
        throw ExitError("the message was not sent: \(words)", code: 1)
      }
    }
  }

  @LoopActor
  private static func setWebhook(
    _ url: String, _ channel: ChannelRow, _ account: ChannelAccount, _ messenger: Messenger
  ) async throws {
    guard let parts = URLParts(url), parts.scheme == "https" || parts.scheme == "http", !parts.hasUserinfo,
      !parts.hasQuery, !parts.hasFragment
    else {
      throw UsageError("--webhook must be where a gateway is for all the world, such as https://live.shop.example")
    }
    let base = String(url.reversed().drop { $0 == "/" }.reversed())
    let whole = "\(base)/hooks/telegram/\(channel.name)"
    switch await messenger.setWebhook(whole, account) {
    case .success: print("Telegram posts to \(whole) from now on")
    case .failure(let trouble): throw ExitError("Telegram does not post there: \(trouble)", code: 1)
    }
  }
}
