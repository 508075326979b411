/// What Telegram posts: somebody wrote to the bot, or pressed a button. It comes at least once, and in any order.
public struct TelegramUpdate: Sendable, Equatable {
  public enum Event: Sendable, Equatable {
    /// A message. Its text is untrusted, as all that people type.
    case message(chat: Int64, text: String)
    case press(Press)
    /// Anything else, which is nobody's here.
    case other
  }

  public struct Press: Sendable, Equatable {
    /// Which wants an answer.
    public let id: String
    /// Who pressed it.
    public let user: Int64
    /// What the button carried: whoever can write to the bot may have made it up.
    public let data: String?
    /// Where the message is that it was below; nil where it can't be reached any more.
    public let chat: Int64?
    public let message: Int64?
  }

  /// Grows by one with each, and is the same when one comes again.
  public let id: Int64
  public let event: Event

  /// nil for what is no update.
  public init?(_ body: [UInt8]) {
    guard let json = WireJSON(body), let id = Self.number(json["update_id"]) else { return nil }
    self.id = id
    if let press = json["callback_query"] {
      guard case .text(let name)? = press["id"], let user = Self.number(press["from"]?["id"]) else { return nil }
      var data: String?
      if case .text(let text)? = press["data"] { data = text }
      event = .press(
        Press(
          id: name, user: user, data: data, chat: Self.number(press["message"]?["chat"]?["id"]),
          message: Self.number(press["message"]?["message_id"])))
    } else if let message = json["message"], let chat = Self.number(message["chat"]?["id"]) {
      var words = ""
      if case .text(let text)? = message["text"] { words = text }
      event = .message(chat: chat, text: words)
    } else {
      event = .other
    }
  }

  private static func number(_ json: WireJSON?) -> Int64? {
    guard case .number(let text)? = json else { return nil }
    return Int64(text)
  }
}
