import Orders

extension Telegram {
  /// The longest pause that is believed.
  private static let pauseMax = Duration.seconds(24 * 3600)
  private static let pauseUsual = Duration.seconds(5)

  public func readSend(_ reply: WireReply) -> MessageOutcome { read(reply, unchangedIsDone: false) }

  /// What came of writing over a message: that it says so already is as good.
  public func readEdit(_ reply: WireReply) -> MessageOutcome { read(reply, unchangedIsDone: true) }

  public func readProbe(_ reply: WireReply) -> Result<String, MessagingTrouble> {
    guard let json = WireJSON(reply.body), json["ok"] == .bool(true) else {
      return .failure(MessagingTrouble(Self.words(reply, WireJSON(reply.body))))
    }
    if case .text(let name)? = json["result"]?["username"] { return .success("the bot is @\(name)") }
    return .success("the bot answers")
  }

  private func read(_ reply: WireReply, unchangedIsDone: Bool) -> MessageOutcome {
    guard let json = WireJSON(reply.body), case .bool(let isOK)? = json["ok"] else {
      // Something between says this, or half an answer came: Telegram may have taken it before.
      return (400...499).contains(reply.status) && reply.status != 408
        ? .failed("it answered \(reply.status), and nothing that can be read") : .unknown("no answer that can be read")
    }
    if isOK { return .sent(id: json["result"]?["message_id"]?.scalar) }
    let code = json["error_code"]?.scalar.flatMap { Int($0) } ?? reply.status
    let words = Self.words(reply, json)
    if let chat = json["parameters"]?["migrate_to_chat_id"]?.scalar, Int64(chat) != nil { return .moved(to: chat) }
    switch code {
    case 429: return .busy(Self.pause(json["parameters"]?["retry_after"]?.scalar))
    case 401, 404: return .trouble(words)
    case 403: return .blocked(words)
    case 400:
      if unchangedIsDone, words.contains("message is not modified") { return .sent(id: nil) }
      return words.contains("chat not found") || words.contains("user is deactivated")
        ? .blocked(words) : .refused(words)
    case 500...599: return .unknown(words)
    default: return .failed(words)
    }
  }

  private static func pause(_ text: String?) -> Duration {
    guard let seconds = text.flatMap({ Int64($0) }), seconds > 0 else { return pauseUsual }
    return min(.seconds(seconds), pauseMax)
  }

  private static let wordsMax = 200

  private static func words(_ reply: WireReply, _ json: WireJSON?) -> String {
    guard case .text(let text)? = json?["description"] else { return "it answered \(reply.status)" }
    var shown = ""
    for scalar in text.unicodeScalars.prefix(wordsMax) {
      shown.unicodeScalars.append(OddCharacter.control(in: String(scalar)) == nil ? scalar : " ")
    }
    return shown
  }
}
