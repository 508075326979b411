import EventLoop
import FoundationEssentials
import HTTPServer

/// The Bot API.
extension MessagesServer {
  struct Call: Decodable {
    struct Keyboard: Decodable { var inline_keyboard: [[Key]] }
    struct Copied: Decodable { var text: String }
    struct Key: Decodable {
      var text: String
      var callback_data: String?
      var url: String?
      var copy_text: Copied?
    }
    /// A number, or a name.
    struct Chat: Decodable {
      let text: String
      init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let number = try? value.decode(Int64.self) {
          text = "\(number)"
        } else {
          text = try value.decode(String.self)
        }
      }
    }

    var chat_id: Chat?
    var text: String?
    var caption: String?
    var photo: String?
    var parse_mode: String?
    var message_id: Int?
    var reply_markup: Keyboard?
    var callback_query_id: String?
    var url: String?
    var secret_token: String?
    var method: String?
  }

  private static let textUnitsMax = 4096
  private static let captionUnitsMax = 1024
  private static let noteCharactersMax = 200

  func telegram(_ request: HTTPRequest) -> HTTPResponse {
    let parts = request.path.split(separator: "/", maxSplits: 1)
    guard parts.count == 2, parts[0] == "bot\(options.token)" else { return fails(401, "Unauthorized") }
    let method = String(parts[1])
    books.count("telegram \(method)")
    let call: Call
    if request.header("Content-Type")?.hasPrefix("multipart/form-data") ?? false {
      guard let form = multipart(request) else { return fails(400, "Bad Request: can't parse the form") }
      call = form
    } else {
      guard let json: Call = decoded(request) else { return fails(400, "Bad Request: can't parse JSON") }
      call = json
    }
    switch method {
    case "getMe":
      return .json(Array(#"{"ok":true,"result":{"id":100200300,"is_bot":true,"username":"demo_bot"}}"#.utf8))
    case "setWebhook":
      guard let url = call.url, let secret = call.secret_token, (1...256).contains(secret.utf8.count) else {
        return fails(400, "Bad Request: bad webhook")
      }
      webhook = (url, secret)
      return .json(Array(#"{"ok":true,"result":true,"description":"Webhook was set"}"#.utf8))
    case "sendMessage", "sendPhoto": return send(call, isPhoto: method == "sendPhoto")
    case "editMessageText": return edit(call)
    case "answerCallbackQuery": return answer(call)
    default: return fails(404, "Not Found")
    }
  }

  private func fails(_ code: Int, _ words: String, _ parameters: String = "", isMistake: Bool = true) -> HTTPResponse {
    if isMistake { books.refused.append(words) }
    let text = #"{"ok":false,"error_code":\#(code),"description":"\#(words)"\#(parameters)}"#
    return .json(Array(text.utf8), status: code)
  }

  private func send(_ call: Call, isPhoto: Bool) -> HTTPResponse {
    guard let chat = call.chat_id?.text, Int64(chat) != nil || chat.hasPrefix("@") else {
      return fails(400, "Bad Request: chat_id is empty")
    }
    if let refusal = refusal(chat) { return refusal }
    let fault = faults.next(chat)
    switch fault {
    case .busy:
      busyUntil = .now + .seconds(1)
      return fails(429, "Too Many Requests: retry after 1", #","parameters":{"retry_after":1}"#, isMistake: false)
    case .serverError: return fails(500, "Internal Server Error", isMistake: false)
    case .dropRequest, .html: return fault.map(broken) ?? .abort(.reset)
    default: break
    }
    guard let text = shown(isPhoto ? call.caption ?? "" : call.text ?? "", call.parse_mode) else {
      return fails(400, "Bad Request: can't parse entities")
    }
    if !isPhoto, text.isEmpty { return fails(400, "Bad Request: message text is empty") }
    if isPhoto, call.photo == nil { return fails(400, "Bad Request: there is no photo in the request") }
    if text.utf16.count > (isPhoto ? Self.captionUnitsMax : Self.textUnitsMax) {
      return fails(400, "Bad Request: message is too long")
    }
    if let mistake = mistake(in: call.reply_markup) { return fails(400, mistake) }
    let message = books.telegram.count + 1
    books.telegram.append(
      .init(chat: chat, message: message, text: text, buttons: buttons(call.reply_markup), hasPhoto: isPhoto))
    if fault == .loseAnswer { return .abort(.reset) }
    if fault == .stall { return .abort(.stall) }
    if fault == .shownError { return fails(502, "Bad Gateway", isMistake: false) }
    let photo = isPhoto ? #","photo":[{"file_id":"small"},{"file_id":"photo-\#(message)"}]"# : ""
    return .json(
      Array(#"{"ok":true,"result":{"message_id":\#(message),"chat":{"id":\#(chat)}\#(photo)}}"#.utf8))
  }

  /// What a chat, or too much haste, is refused with.
  private func refusal(_ chat: String) -> HTTPResponse? {
    if ContinuousClock.now < busyUntil {
      books.impatient += 1
      return fails(429, "Too Many Requests: retry after 1", #","parameters":{"retry_after":1}"#, isMistake: false)
    }
    guard let person = chats[chat] else { return nil }
    switch person.state {
    case "blocked": return fails(403, "Forbidden: bot was blocked by the user", isMistake: false)
    case "missing": return fails(400, "Bad Request: chat not found", isMistake: false)
    default:
      return fails(
        400, "Bad Request: group chat was upgraded to a supergroup chat",
        #","parameters":{"migrate_to_chat_id":\#(person.to ?? "0")}"#, isMistake: false)
    }
  }

  private func edit(_ call: Call) -> HTTPResponse {
    guard let chat = call.chat_id?.text, let number = call.message_id,
      let index = books.telegram.firstIndex(where: { $0.chat == chat && $0.message == number })
    else { return fails(400, "Bad Request: message to edit not found") }
    if let refusal = refusal(chat) { return refusal }
    guard let text = shown(call.text ?? "", call.parse_mode) else {
      return fails(400, "Bad Request: can't parse entities")
    }
    if text.isEmpty || text.utf16.count > Self.textUnitsMax { return fails(400, "Bad Request: message is too long") }
    if let mistake = mistake(in: call.reply_markup) { return fails(400, mistake) }
    let new = buttons(call.reply_markup)
    let old = books.telegram[index]
    if old.text == text, old.buttons.flatMap({ $0 }).map(\.title) == new.flatMap({ $0 }).map(\.title) {
      return fails(
        400,
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same",
        isMistake: false)
    }
    books.telegram[index].earlier.append(old.text)
    books.telegram[index].text = text
    books.telegram[index].buttons = new
    if let fault = faults.next(chat), fault == .loseAnswer { return .abort(.reset) }
    return .json(Array(#"{"ok":true,"result":{"message_id":\#(number)}}"#.utf8))
  }

  func answer(_ call: Call) -> HTTPResponse {
    guard let id = call.callback_query_id, presses.contains(id) else {
      return fails(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    }
    let note = call.text ?? ""
    if note.count > Self.noteCharactersMax { return fails(400, "Bad Request: MESSAGE_TOO_LONG") }
    books.notes.append(note)
    return .json(Array(#"{"ok":true,"result":true}"#.utf8))
  }

  // MARK: What it checks

  private func buttons(_ keyboard: Call.Keyboard?) -> [[MessageBooks.Button]] {
    (keyboard?.inline_keyboard ?? []).map { row in row.map { .init(title: $0.text, data: $0.callback_data) } }
  }

  private func mistake(in keyboard: Call.Keyboard?) -> String? {
    for button in (keyboard?.inline_keyboard ?? []).joined() {
      if button.text.isEmpty { return "Bad Request: BUTTON_TEXT_INVALID" }
      let actions = [button.callback_data, button.url, button.copy_text?.text].compactMap { $0 }
      if actions.count != 1 { return "Bad Request: BUTTON_TYPE_INVALID" }
      // Bytes, and not characters.
      if let data = button.callback_data, !(1...64).contains(data.utf8.count) {
        return "Bad Request: BUTTON_DATA_INVALID"
      }
      if let text = button.copy_text?.text, !(1...256).contains(text.count) {
        return "Bad Request: BUTTON_COPY_TEXT_INVALID"
      }
    }
    return nil
  }

  /// The text as it is read; nil where its tags can't be.
  private func shown(_ text: String, _ mode: String?) -> String? {
    guard mode == "HTML" else { return text }
    var (out, open) = ("", [Substring]())
    var rest = text[...]
    while let mark = rest.firstIndex(where: { $0 == "<" || $0 == "&" }) {
      out += rest[..<mark]
      let end: Character = rest[mark] == "<" ? ">" : ";"
      guard let close = rest[mark...].firstIndex(of: end) else { return nil }
      let inner = rest[rest.index(after: mark)..<close]
      if end == ">" {
        if inner.hasPrefix("/") {
          guard open.popLast() == inner.dropFirst() else { return nil }
        } else {
          guard ["b", "i", "u", "s", "code", "pre"].contains(inner) else { return nil }
          open.append(inner)
        }
      } else {
        guard let character = ["amp": "&", "lt": "<", "gt": ">", "quot": "\""][String(inner)] else { return nil }
        out += character
      }
      rest = rest[rest.index(after: close)...]
    }
    return open.isEmpty ? out + rest : nil
  }

  /// The fields of a form that are words, and whether there is a file.
  private func multipart(_ request: HTTPRequest) -> Call? {
    guard let name = request.header("Content-Type")?.components(separatedBy: "boundary=").dropFirst().first else {
      return nil
    }
    let boundary = "--" + name
    var call = Call()
    let text = String(decoding: request.body, as: UTF8.self)
    guard text.hasSuffix("\(boundary)--\r\n") else { return nil }
    for part in text.components(separatedBy: "\(boundary)\r\n").dropFirst() {
      let halves = part.components(separatedBy: "\r\n\r\n")
      guard halves.count >= 2,
        let name = halves[0].components(separatedBy: "name=\"").dropFirst().first?.split(separator: "\"").first
      else { return nil }
      let value = halves.dropFirst().joined(separator: "\r\n\r\n").components(separatedBy: "\r\n").dropLast().joined(
        separator: "\r\n")
      switch name {
      case "chat_id": call.chat_id = try? JSONDecoder().decode(Call.Chat.self, from: Data("\"\(value)\"".utf8))
      case "caption": call.caption = value
      case "parse_mode": call.parse_mode = value
      case "photo": call.photo = halves[0].contains("filename=") ? "file" : value
      case "reply_markup": call.reply_markup = try? JSONDecoder().decode(Call.Keyboard.self, from: Data(value.utf8))
      default: return nil
      }
    }
    return call
  }
}
