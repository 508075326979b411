import EventLoop
import FoundationEssentials
import HTTPClient
import HTTPServer

/// Telegram, SMSC and a mail server on the same books.
@LoopActor
final class MessagesServer {
  let options: MessagesOptions
  var books = MessageBooks()
  var faults: MessageFaults
  /// By chat: `blocked`, `missing` or `moved`, and where to.
  var chats: [String: (state: String, to: String?)] = [:]
  var wrongPhones: Set<String> = []
  /// Until then Telegram takes nothing.
  var busyUntil = ContinuousClock.now
  var webhook: (url: String, secret: String)?
  /// Presses that wait for an answer.
  var presses: Set<String> = []
  var updates: Int64 = 5000
  /// When SMSC got which text for which number.
  var recent: [String: ContinuousClock.Instant] = [:]
  let http = HTTPClient()

  nonisolated init(_ options: MessagesOptions) {
    self.options = options
    faults = MessageFaults(seed: options.seed, rates: options.faults)
  }

  func serve(_ request: HTTPRequest) async -> HTTPResponse {
    switch request.path {
    case "/_audit": return encoded(books)
    case "/_faults": return changeFaults(request)
    case "/_chat", "/_phone": return changePerson(request)
    case "/_press": return await press(request)
    case "/_write": return await write(request)
    case "/sys/send.php": return sendSMS(request)
    case "/sys/status.php": return showSMS(request)
    case "/sys/balance.php": return showBalance(request)
    default: return request.path.hasPrefix("/bot") ? telegram(request) : .text("no such page\n", status: 404)
    }
  }

  func encoded(_ value: some Encodable) -> HTTPResponse {
    .json((try? JSONEncoder().encode(value)).map { Array($0) } ?? [])
  }

  func decoded<T: Decodable>(_ request: HTTPRequest, as type: T.Type = T.self) -> T? {
    try? JSONDecoder().decode(type, from: Data(request.body))
  }

  /// What takes the place of the answer.
  func broken(_ fault: MessageFault) -> HTTPResponse {
    switch fault {
    case .html: .text("<html>maintenance</html>")
    default: .abort(.reset)
    }
  }

  private func changeFaults(_ request: HTTPRequest) -> HTTPResponse {
    guard let wanted: [String: RateText] = decoded(request) else {
      return .text("expected faults and rates", status: 400)
    }
    for (name, text) in wanted {
      guard let fault = MessageFault(rawValue: name), let rate = FaultRate(text.text) else {
        return .text("no fault or rate: \(name)", status: 400)
      }
      faults.set(fault, rate)
    }
    return .text("done\n")
  }

  private func changePerson(_ request: HTTPRequest) -> HTTPResponse {
    struct Wanted: Decodable {
      var chat: String?
      var phone: String?
      var state: String
      var to: String?
    }
    guard let wanted: Wanted = decoded(request) else { return .text("expected a person and a state", status: 400) }
    if let chat = wanted.chat { chats[chat] = wanted.state == "open" ? nil : (wanted.state, wanted.to) }
    if let phone = wanted.phone {
      if wanted.state == "open" { wrongPhones.remove(phone) } else { wrongPhones.insert(phone) }
    }
    return .text("done\n")
  }
}
