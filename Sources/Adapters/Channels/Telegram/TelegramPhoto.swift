/// A picture that Telegram is to show.
public enum TelegramPhoto: Sendable, Equatable {
  /// One that it has: by the name that it gave it.
  case known(String)
  /// One that it fetches itself.
  case at(url: String)
  /// One that goes with the message, at most ``bytesMax``.
  case file([UInt8], name: String, type: String)

  public static let bytesMax = 10 * 1024 * 1024
}

extension Telegram {
  /// Sends a picture with words below it, such as a code to be scanned; the answer has a name by which it can be sent again
  /// (``photoID(_:)``).
  ///
  /// - Returns: nil when the file is too large.
  public func sendPhoto(
    _ photo: TelegramPhoto, _ caption: MessageText, to address: String, account: ChannelAccount
  ) -> WireRequest? {
    let words = TelegramText.html(caption, unitsMax: Self.captionUnitsMax)
    let keyboard = TelegramText.keyboard(caption.buttons)
    switch photo {
    case .known(let text), .at(let text):
      var body = JSONBody()
      addChat(address, &body)
      body.add("photo", text)
      body.add("caption", words)
      body.add("parse_mode", "HTML")
      if let keyboard { body.add("reply_markup", number: keyboard) }
      return WireRequest(
        method: "POST", url: url("sendPhoto", account), headers: [("Content-Type", JSONBody.contentType)],
        body: Array(body.text.utf8), redacted: "POST /bot\(RequestBuilder.dots)/sendPhoto \(body.shown)")
    case .file(let bytes, let name, let type):
      guard bytes.count <= TelegramPhoto.bytesMax else { return nil }
      var form = MultipartBody(around: bytes)
      form.add("chat_id", address)
      form.add("caption", words)
      form.add("parse_mode", "HTML")
      if let keyboard { form.add("reply_markup", keyboard) }
      form.add("photo", file: bytes, name: name, type: type)
      return WireRequest(
        method: "POST", url: url("sendPhoto", account), headers: [("Content-Type", form.contentType)],
        body: form.bytes,
        redacted: "POST /bot\(RequestBuilder.dots)/sendPhoto with a file of \(bytes.count) bytes")
    }
  }

  /// The name of the largest size of a picture that was sent.
  public func photoID(_ reply: WireReply) -> String? {
    guard let json = WireJSON(reply.body), case .list(let sizes)? = json["result"]?["photo"],
      case .text(let id)? = sizes.last?["file_id"]
    else { return nil }
    return id
  }
}
