/// What the command line of `simulator messages` says.
struct MessagesOptions: Equatable {
  enum Parsed: Equatable {
    case run(MessagesOptions)
    case help
    case wrong(String)
  }

  var host = "127.0.0.1"
  var port = 9091
  /// Of the mail server, at the same host.
  var mailPort = 9025
  /// The bot's.
  var token = "100200300:demo-token_of-a-bot"
  /// Of SMSC and of the mail server.
  var login = "demo"
  var password = "demo-secret"
  var seed: UInt64 = 1
  var faults: [MessageFault: FaultRate] = [:]

  static let help = """
    simulator messages: Telegram's Bot API, SMSC and a mail server that check what the real ones check, with seeded faults and an
    audit of what was shown to whom

      --address HOST:PORT   where Telegram and SMSC listen; port 0 picks one (127.0.0.1:9091)
      --mail-port PORT      where the mail server listens, at that host; 0 picks one (9025)
      --token TOKEN         the bot's (100200300:demo-token_of-a-bot)
      --login LOGIN         of SMSC and the mail server (demo)
      --password PASSWORD   (demo-secret)
      --seed N              decides the faults (1)
      --fault NAME=RATE     repeatable; RATE is 0 to 1, or #N for the next N times
      --help

    Faults: \(MessageFault.allCases.map(\.rawValue).joined(separator: ", "))

    Telegram: POST /bot{token}/getMe, sendMessage, sendPhoto, editMessageText, answerCallbackQuery, setWebhook
    SMSC:     POST /sys/send.php, /sys/status.php, /sys/balance.php
    Mail:     EHLO, AUTH PLAIN and LOGIN, MAIL, RCPT, DATA; a mailbox nobody@… is not there, grey@… is let in at the second try
    Audit:    GET /_audit
    Control:  POST /_faults {"lose-answer": 0.2, "busy": "#1"}
              POST /_chat {"chat": "7", "state": "open", "blocked", "missing" or "moved", "to": "-1007"}
              POST /_phone {"phone": "905551234567", "state": "open" or "wrong"}
              POST /_press {"message": "3", "row": 0, "column": 0, "user": 9, "times": 2, "secret": "…"}: posts an update to the webhook,
              as often as times says; with "data" of its own, and with another secret, where they are given
              POST /_write {"chat": "7", "text": "/start"}: the same for a message
    """

  static func parse(_ arguments: [String]) -> Parsed {
    var options = MessagesOptions()
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--help" || argument == "-h" { return .help }
      guard let value = rest.popFirst() else { return .wrong("\(argument) needs a value") }
      if let problem = options.set(argument, value) { return .wrong("\(argument) \(value): \(problem)") }
    }
    return .run(options)
  }

  /// What is wrong with the value; nil when nothing is.
  private mutating func set(_ flag: String, _ value: String) -> String? {
    switch flag {
    case "--address":
      guard let mark = value.lastIndex(of: ":"), let port = UInt16(value[value.index(after: mark)...]) else {
        return "expected HOST:PORT"
      }
      (host, self.port) = (String(value[..<mark]), Int(port))
    case "--mail-port":
      guard let port = UInt16(value) else { return "expected a port" }
      mailPort = Int(port)
    case "--token": token = value
    case "--login": login = value
    case "--password": password = value
    case "--seed":
      guard let number = UInt64(value) else { return "expected a whole number" }
      seed = number
    case "--fault":
      let parts = value.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let fault = MessageFault(rawValue: String(parts[0])) else { return "no such fault" }
      guard let rate = FaultRate(parts[1]) else { return "expected a rate from 0 to 1, or #N" }
      faults[fault] = rate
    default: return "unknown flag"
    }
    return nil
  }
}

/// What can go wrong on the way to a person, on purpose.
enum MessageFault: String, CaseIterable, Sendable {
  /// Reads the request, shows nothing, resets the connection.
  case dropRequest = "drop-request"
  /// Shows the message, and resets the connection instead of answering.
  case loseAnswer = "lose-answer"
  /// Shows the message, and never answers.
  case stall
  /// Asks to be left alone for a second, and looks whether it is.
  case busy
  /// Fails, and shows nothing.
  case serverError = "5xx"
  /// Shows the message, and says that it failed.
  case shownError = "shown-5xx"
  /// A web page, with status 200, and nothing shown.
  case html
}

/// Decides which requests a fault strikes, as ``Faults`` does.
struct MessageFaults {
  let seed: UInt64
  private(set) var rates: [MessageFault: FaultRate]
  private var requests: [String: Int] = [:]

  init(seed: UInt64, rates: [MessageFault: FaultRate]) { (self.seed, self.rates) = (seed, rates) }

  mutating func set(_ fault: MessageFault, _ rate: FaultRate) { rates[fault] = rate }

  /// The fault that strikes the next request for somebody; nil for none.
  mutating func next(_ person: String) -> MessageFault? {
    guard !rates.isEmpty else { return nil }
    let nth = (requests[person] ?? 0) + 1
    requests[person] = nth
    for fault in MessageFault.allCases {
      switch rates[fault] {
      case .share(let share)? where Chance(seed, fault.rawValue, person, nth).share < share: return fault
      case .next(let left)? where left > 0:
        rates[fault] = .next(left - 1)
        return fault
      default: continue
      }
    }
    return nil
  }
}
