import Adapters
import EventLoop
import Foundation
import HTTPClient
import HTTPServer

@testable import Notify
@testable import Simulator

/// The simulated services in this process, and a messenger that reaches them.
@LoopActor
final class Services {
  let messages: MessagesServer
  let messenger: Messenger
  private let mailServer: MailServer
  private let server: HTTPServer
  private let http = HTTPClient()
  private let mail = MailClient()

  init(_ faults: [MessageFault: FaultRate] = [:]) async throws {
    var options = MessagesOptions()
    (options.port, options.mailPort, options.faults) = (0, 0, faults)
    let messages = MessagesServer(options)
    self.messages = messages
    mailServer = MailServer(messages)
    server = HTTPServer(host: "127.0.0.1", port: 0) { await messages.serve($0) }
    messenger = Messenger(http: http, mail: mail)
    try server.start()
    guard mailServer.start(port: 0) else { throw Failure() }
  }

  struct Failure: Error {}

  var telegram: ChannelAccount {
    ChannelAccount(
      baseURL: "http://127.0.0.1:\(server.port)",
      credentials: ["token": messages.options.token, "webhook_secret": "secret"])
  }

  var smsc: ChannelAccount {
    ChannelAccount(
      baseURL: "http://127.0.0.1:\(server.port)",
      credentials: ["login": messages.options.login, "password": messages.options.password])
  }

  func email(password: String? = nil) -> ChannelAccount {
    ChannelAccount(
      baseURL: "smtp://127.0.0.1:\(mailServer.port)",
      credentials: [
        "from": "Shop <orders@shop.example>", "username": messages.options.login,
        "password": password ?? messages.options.password,
      ])
  }

  func message(_ address: String, id: Int64 = 1, _ text: MessageText = MessageText(subject: "Başlık", body: "gövde"))
    -> Messenger.Message
  {
    Messenger.Message(text, to: address, id: id, name: "o.1.\(id)", at: 1_796_024_802_000)
  }

  func stop() async {
    await server.stop(grace: .zero)
    http.close()
    mail.close()
  }
}
