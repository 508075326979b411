import Orders

/// Telegram's Bot API: `POST {base}/bot{token}/{method}` with JSON.
///
/// It knows no idempotency key and answers no question about a message, so an answer that was lost leaves open whether the
/// message came: it may be sent again, and says nothing that harms when it is read twice.
public struct Telegram: HTTPMessagingAdapter {
  public static let name = "telegram"
  public static let credentialNames = ["token"]
  public static let optionalCredentialNames = [webhookSecret]
  public static let baseURL: String? = "https://api.telegram.org"
  public static let contactField = "telegram"
  /// What its posts to us prove themselves by, in ``secretHeader``.
  public static let webhookSecret = "webhook_secret"
  public static let secretHeader = "X-Telegram-Bot-Api-Secret-Token"

  /// Of a message after its entities were read, and of a picture's caption, in units of UTF-16.
  static let textUnitsMax = 4096
  static let captionUnitsMax = 1024
  /// Of a button's data, in bytes.
  public static let pressBytes = 1...64
  /// Of the answer to a press, in characters.
  static let noteCharactersMax = 200
  static let copyCharacters = 1...256

  public init() {}

  public static func validate(credentials: [String: String]) -> [ParameterProblem] {
    var problems: [ParameterProblem] = []
    let token = credentials["token"] ?? ""
    let parts = token.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count != 2 || parts[0].isEmpty || !parts[0].utf8.allSatisfy(\.isASCIIDigit) || !isPlain(parts[1]) {
      problems.append(.init(parameter: "token", message: "must be as BotFather gives it: digits, a colon and letters"))
    }
    if let secret = credentials[webhookSecret], !(1...256).contains(secret.utf8.count) || !isPlain(secret[...]) {
      problems.append(
        .init(parameter: webhookSecret, message: "must be 1 to 256 of the characters A-Z, a-z, 0-9, _ and -"))
    }
    return problems
  }

  /// What stands in a path as it is, and in the secret of a webhook.
  private static func isPlain(_ text: Substring) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        byte.isASCIIDigit || (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
          || byte == UInt8(ascii: "-")
      }
  }

  /// A chat's number, which may be below zero, or the name of a public channel.
  public static func mistake(inAddress address: String) -> String? {
    let digits = address.hasPrefix("-") ? address.dropFirst() : address[...]
    if !digits.isEmpty, digits.utf8.allSatisfy(\.isASCIIDigit), let number = Int64(address), number != 0 { return nil }
    let name = address.dropFirst()
    if address.hasPrefix("@"), (5...32).contains(name.utf8.count), isPlain(name) { return nil }
    return "is no chat: it must be a chat's number, such as 123456789 or -1001234567890, or a public name such as @shop"
  }

  // MARK: Methods

  public func send(_ text: MessageText, to address: String, id: Int64, account: ChannelAccount) -> WireRequest {
    var body = JSONBody()
    addChat(address, &body)
    body.add("text", TelegramText.html(text, unitsMax: Self.textUnitsMax))
    body.add("parse_mode", "HTML")
    body.add("link_preview_options", Self.noPreview)
    if let keyboard = TelegramText.keyboard(text.buttons) { body.add("reply_markup", number: keyboard) }
    return request("sendMessage", body, account)
  }

  /// Writes other words, and other buttons, over a message that was sent.
  public func edit(
    _ message: String, in address: String, _ text: MessageText, account: ChannelAccount
  ) -> WireRequest {
    var body = JSONBody()
    addChat(address, &body)
    body.add("message_id", number: Int64(message).map { "\($0)" } ?? "0")
    body.add("text", TelegramText.html(text, unitsMax: Self.textUnitsMax))
    body.add("parse_mode", "HTML")
    body.add("link_preview_options", Self.noPreview)
    if let keyboard = TelegramText.keyboard(text.buttons) { body.add("reply_markup", number: keyboard) }
    return request("editMessageText", body, account)
  }

  /// Ends the wait of who pressed a button.
  public func answer(press id: String, _ note: String, isAlert: Bool, account: ChannelAccount) -> WireRequest {
    request("answerCallbackQuery", Self.answer(press: id, note, isAlert: isAlert), account)
  }

  /// The same as the answer to the post that brought the press: Telegram carries it out then, and it costs no call.
  public static func answerInPlace(press id: String, _ note: String, isAlert: Bool) -> String {
    var body = JSONBody()
    body.add("method", "answerCallbackQuery")
    add(id, note, isAlert, &body)
    return body.text
  }

  /// A message as the answer to a post.
  public static func replyInPlace(to chat: String, _ text: String) -> String {
    var body = JSONBody()
    body.add("method", "sendMessage")
    body.add("chat_id", number: Int64(chat).map { "\($0)" } ?? "0")
    body.add("text", TelegramText.cut(text, unitsMax: textUnitsMax))
    return body.text
  }

  private static func answer(press id: String, _ note: String, isAlert: Bool) -> JSONBody {
    var body = JSONBody()
    add(id, note, isAlert, &body)
    return body
  }

  private static func add(_ id: String, _ note: String, _ isAlert: Bool, _ body: inout JSONBody) {
    body.add("callback_query_id", id)
    if !note.isEmpty { body.add("text", String(note.prefix(noteCharactersMax))) }
    body.add("show_alert", isAlert)
  }

  public func probe(_ account: ChannelAccount) -> WireRequest { request("getMe", JSONBody(), account) }

  /// Has updates posted to `url`, which from then on prove themselves by the account's secret.
  public func setWebhook(_ url: String, account: ChannelAccount) -> WireRequest {
    var body = JSONBody()
    body.add("url", url)
    body.add("secret_token", secret: account.credential(Self.webhookSecret))
    body.add("allowed_updates", number: #"["message","callback_query"]"#)
    return request("setWebhook", body, account)
  }

  private static var noPreview: JSONBody {
    var options = JSONBody()
    options.add("is_disabled", true)
    return options
  }

  func addChat(_ address: String, _ body: inout JSONBody) {
    // A number as a number: as a text it would be taken for a name by some.
    if let number = Int64(address) { body.add("chat_id", number: "\(number)") } else { body.add("chat_id", address) }
  }

  private func request(_ method: String, _ body: JSONBody, _ account: ChannelAccount) -> WireRequest {
    WireRequest(
      method: "POST", url: url(method, account), headers: [("Content-Type", JSONBody.contentType)],
      body: Array(body.text.utf8), redacted: "POST /bot\(RequestBuilder.dots)/\(method) \(body.shown)")
  }

  func url(_ method: String, _ account: ChannelAccount) -> String {
    var base = account.baseURL[...]
    while base.last == "/" { base.removeLast() }
    return "\(base)/bot\(account.credential("token"))/\(method)"
  }
}
