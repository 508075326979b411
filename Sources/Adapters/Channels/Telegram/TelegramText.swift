/// Words and buttons as Telegram takes them.
enum TelegramText {
  private static let cutMark = "…"

  /// A message in Telegram's HTML, of which only the subject is bold.
  ///
  /// - Parameter unitsMax: of what is read, without the tags; what is longer is cut.
  static func html(_ text: MessageText, unitsMax: Int) -> String {
    let subject = cut(text.subject, unitsMax: unitsMax)
    var left = unitsMax - subject.utf16.count
    var html = subject.isEmpty ? "" : "<b>\(escaped(subject))</b>"
    func append(_ part: String) {
      guard !part.isEmpty else { return }
      let gap = html.isEmpty ? "" : "\n"
      guard left > gap.utf16.count else { return }
      let shown = cut(part, unitsMax: left - gap.utf16.count)
      html += gap + escaped(shown)
      left -= gap.utf16.count + shown.utf16.count
    }
    // The link first, of the room that is left: a text without its end is still read, a link is not.
    let link = text.link.map { $0.utf16.count < left ? $0 : "" } ?? ""
    let kept = link.isEmpty ? 0 : link.utf16.count + 1
    left -= kept
    append(text.body)
    left += kept
    append(link)
    return html
  }

  /// `&`, `<` and `>` are all that its HTML reads something into; `"` ends an attribute.
  static func escaped(_ text: String) -> String {
    var out = ""
    out.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  /// As many whole characters as fit.
  static func cut(_ text: String, unitsMax: Int) -> String {
    guard text.utf16.count > unitsMax else { return text }
    var (out, units) = ("", cutMark.utf16.count)
    for character in text {
      units += character.utf16.count
      guard units <= unitsMax else { break }
      out.append(character)
    }
    return unitsMax >= cutMark.utf16.count ? out + cutMark : ""
  }

  /// An inline keyboard in JSON; nil without buttons. One whose data does not fit is left out: pressed, it would say something
  /// else than was meant.
  static func keyboard(_ rows: [[MessageButton]]) -> String? {
    let written = rows.map { row in row.compactMap(button) }.filter { !$0.isEmpty }
    guard !written.isEmpty else { return nil }
    return #"{"inline_keyboard":["# + written.map { "[\($0.joined(separator: ","))]" }.joined(separator: ",") + "]}"
  }

  private static func button(_ button: MessageButton) -> String? {
    var body = JSONBody()
    body.add("text", button.title)
    switch button.action {
    case .press(let data):
      guard Telegram.pressBytes.contains(data.utf8.count) else { return nil }
      body.add("callback_data", data)
    case .open(let url): body.add("url", url)
    case .copy(let text):
      guard Telegram.copyCharacters.contains(text.count) else { return nil }
      var copied = JSONBody()
      copied.add("text", text)
      body.add("copy_text", copied)
    }
    return body.text
  }
}
