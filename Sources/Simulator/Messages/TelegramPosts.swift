import EventLoop
import FoundationEssentials
import HTTPClient
import HTTPServer

/// What Telegram posts to a webhook, as somebody asks for it: twice, and out of turn.
extension MessagesServer {
  private struct Press: Decodable {
    /// Below which message, by its number; or with data that nobody gave.
    var message: String?
    var row: Int?
    var column: Int?
    var data: String?
    var chat: Int64?
    var user: Int64?
    var times: Int?
    var secret: String?
    /// The number of an update that was posted before; nil: a new one.
    var update: Int64?
  }

  func press(_ request: HTTPRequest) async -> HTTPResponse {
    guard let wanted: Press = decoded(request) else { return .text("expected a press", status: 400) }
    var (data, chat, message) = (wanted.data, wanted.chat ?? 0, Int(wanted.message ?? "") ?? 0)
    if let shown = books.telegram.first(where: { $0.message == message }) {
      let rows = shown.buttons
      let (row, column) = (wanted.row ?? 0, wanted.column ?? 0)
      if data == nil, rows.indices.contains(row), rows[row].indices.contains(column) { data = rows[row][column].data }
      chat = Int64(shown.chat) ?? 0
    }
    guard let data else { return .text("there is no such button", status: 404) }
    message = max(message, 1)
    let update = number(wanted.update)
    let id = "press-\(update)"
    presses.insert(id)
    let quoted = (try? JSONEncoder().encode(data)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    let body = """
      {"update_id":\(update),"callback_query":{"id":"\(id)","from":{"id":\(wanted.user ?? 77),"is_bot":false},"chat_instance":"1",\
      "data":\(quoted),"message":{"message_id":\(message),"date":1,"chat":{"id":\(chat),"type":"private"}}}}
      """
    return await post(body, update, times: wanted.times ?? 1, secret: wanted.secret)
  }

  func write(_ request: HTTPRequest) async -> HTTPResponse {
    struct Wanted: Decodable {
      var chat: String
      var text: String
      var times: Int?
      var secret: String?
      var update: Int64?
    }
    guard let wanted: Wanted = decoded(request) else { return .text("expected a chat and a text", status: 400) }
    let update = number(wanted.update)
    let quoted = (try? JSONEncoder().encode(wanted.text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    let body = """
      {"update_id":\(update),"message":{"message_id":1,"date":1,"chat":{"id":\(wanted.chat),"type":"private"},\
      "from":{"id":\(wanted.chat),"is_bot":false},"text":\(quoted)}}
      """
    return await post(body, update, times: wanted.times ?? 1, secret: wanted.secret)
  }

  private func number(_ wanted: Int64?) -> Int64 {
    if let wanted { return wanted }
    updates += 1
    return updates
  }

  /// Posts it, and carries out what the answer says.
  private func post(_ body: String, _ update: Int64, times: Int, secret: String?) async -> HTTPResponse {
    guard let webhook else { return .text("there is no webhook", status: 409) }
    var statuses: [Int] = []
    for _ in 0..<times {
      let reply = try? await http.perform(
        HTTPClientRequest(
          method: "POST", url: webhook.url,
          headers: [
            ("Content-Type", "application/json"), ("X-Telegram-Bot-Api-Secret-Token", secret ?? webhook.secret),
          ], body: Array(body.utf8), timeout: .seconds(10)))
      let status = reply?.status ?? 0
      statuses.append(status)
      books.posts["\(status)", default: 0] += 1
      guard let reply, status == 200, let call = try? JSONDecoder().decode(Call.self, from: Data(reply.body)) else {
        continue
      }
      switch call.method {
      case "answerCallbackQuery": _ = answer(call)
      case "sendMessage":
        books.telegram.append(
          .init(
            chat: call.chat_id?.text ?? "", message: books.telegram.count + 1, text: call.text ?? "", buttons: []))
      default: break
      }
    }
    return .json(
      Array(#"{"update":\#(update),"statuses":[\#(statuses.map(String.init).joined(separator: ","))]}"#.utf8))
  }
}
