import CommandLine
import Orders
import QRCode
import Store

/// An order's page as HTML. Whatever comes from outside is escaped; nothing is inline, so that the page's policy can forbid it.
struct PageHTML {
  let words: PageWords
  let token: String
  /// What the paths of all pages begin with, such as `/o/`.
  let root: String
  /// Whether the language was chosen by the switch, which then stays.
  let isChosen: Bool

  /// What is shown of the PIN, in the answer to who asked for it.
  enum Shown {
    case nothing
    case pin(String)
  }

  // MARK: Pages

  /// - Parameter notice: what was done a moment ago, or why it was not.
  func page(_ view: PageView, shown: Shown = .nothing, notice: String? = nil) -> String {
    // The chat's section comes behind the hand-over, its frames by the same socket.
    let sections = [
      state(view), facts(view), handover(view), pin(view, shown), story(view), cancel(view), rating(view),
    ]
    let sandbox = view.isSandbox ? "<p class=\"note\">\(text("sandbox"))</p>\n" : ""
    return head(title: words["title"], shop: view.shop) + """
      <body data-live="\(root)\(token)/ws" data-page="\(root)\(token)">
      <header>\(logo(view.shop))<p dir="auto">\(escape(view.shop.name))</p></header>
      <main>
      <h1>\(text("title"))</h1>
      \(sandbox)<p id="news" role="status">\(notice.map { text($0) } ?? "")</p>
      \(sections.joined())</main>
      \(footer(page: "\(root)\(token)"))
      </body></html>

      """
  }

  /// A page that says what went wrong and what to do.
  func message(_ key: String, back: Bool) -> String {
    head(title: words["\(key).title"], shop: nil) + """
      <body><main><h1>\(text("\(key).title"))</h1><p>\(text("\(key).text"))</p>
      \(back ? #"<p><a href="\#(root)\#(escape(token))\#(query())">\#(text("back"))</a></p>"# : "")</main></body></html>

      """
  }

  private func head(title: String, shop: TenantPage?) -> String {
    let colour = String((shop?.colour ?? PageStyle.colourUsual).dropFirst())
    return """
      <!doctype html>
      <html lang="\(words.language.rawValue)" dir="\(words.language.direction)"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark"><meta name="robots" content="noindex, nofollow">
      <title>\(escape(title))</title>
      <link rel="icon" href="data:,">
      <link rel="stylesheet" href="\(root)style.css?v=\(PageStyle.version)&amp;c=\(escape(colour))">
      \(shop == nil ? "" : #"<script src="\#(root)app.js?v=\#(PageStyle.scriptVersion)" defer></script>"#)
      </head>

      """
  }

  private func logo(_ shop: TenantPage) -> String {
    guard let logo = shop.logo else { return "" }
    return #"<img src="\#(root)\#(token)/logo?v=\#(PageStyle.version(of: logo.bytes))" alt="">"#
  }

  private func footer(page: String) -> String {
    let links = PageLanguage.allCases.map { language in
      language == words.language
        ? #"<b lang="\#(language.rawValue)">\#(language.name)</b>"#
        : #"<a href="\#(page)?lang=\#(language.rawValue)" lang="\#(language.rawValue)" hreflang="\#(language.rawValue)" rel="nofollow">\#(language.name)</a>"#
    }
    return #"<footer><nav aria-label="\#(text("languages"))">\#(links.joined(separator: " "))</nav></footer>"#
  }

  // MARK: Sections

  private func state(_ view: PageView) -> String {
    let status = view.order.status
    let stage = view.stage(words).map { "<p>\(text("now")): <b>\(escape($0))</b></p>" } ?? ""
    return """
      <section id="state" aria-live="polite" data-status="\(status.rawValue)" data-version="\(view.order.version)">
      <p class="lead">\(text("s.\(status.rawValue)"))</p>\(stage)<p>\(view.next.map { text($0) } ?? "")</p></section>

      """
  }

  private func facts(_ view: PageView) -> String {
    let order = view.order
    let count = order.quantity == 1 ? "" : " × \(order.quantity)"
    var rows = [("what", "<bdi>\(escape(order.product))</bdi>\(count)")]
    if let player = order.player { rows.append(("for", "<bdi>\(escape(player))</bdi>")) }
    rows.append(("ordered", time(Timestamp.rfc3339(order.createdAt))))
    rows.append(("number", "<bdi>\(escape(view.number))</bdi>"))
    if let name = view.fulfilment?.partnerName { rows.append(("partner", "<bdi>\(escape(name))</bdi>")) }
    if let phone = view.fulfilment?.partnerPhone {
      rows.append(("call", #"<a href="tel:\#(escape(phone))" dir="ltr">\#(escape(phone))</a>"#))
    }
    let list = rows.map { "<dt>\(text($0.0))</dt><dd>\($0.1)</dd>" }.joined(separator: "\n")
    return "<section id=\"facts\"><dl>\(list)</dl></section>\n"
  }

  private func handover(_ view: PageView) -> String {
    guard let code = view.fulfilment?.handoverCode, !view.order.status.isFinal else { return "" }
    let picture = QRCode.svg(code, attributes: #"class="qr" role="img" aria-label="\#(escape(code))""#) ?? ""
    return """
      <section id="handover"><h2>\(text("handover"))</h2>
      <p class="pin"><code dir="ltr">\(escape(code))</code></p>\(picture)<p class="note">\(text("handover.hint"))</p></section>

      """
  }

  private func pin(_ view: PageView, _ shown: Shown) -> String {
    let (state, content): (String, String)
    switch (view.pin, shown) {
    case (.hidden, .pin(let pin)):
      state = "shown"
      content =
        #"<p class="pin"><code dir="ltr">\#(escape(pin))</code></p><p><button type="button" class="copy" data-done="\#(text("pin.copied"))" hidden>\#(text("pin.copy"))</button></p>"#
    case (.none, _): return ""
    case (.hidden, _):
      state = "hidden"
      content = form("pin", #"<button>\#(text("pin.show"))</button><p class="note">\#(text("pin.hint"))</p>"#)
    case (.off, _): (state, content) = ("off", "<p>\(text("pin.off"))</p>")
    case (.contested, _): (state, content) = ("contested", "<p>\(text("pin.contested"))</p>")
    }
    return "<section id=\"pin\" data-pin=\"\(state)\"><h2>\(text("pin"))</h2>\n\(content)</section>\n"
  }

  private func story(_ view: PageView) -> String {
    let items = view.told.map { "<li>\(time($0.step.time)) <span>\(text($0.key))</span></li>" }
    return "<section id=\"story\"><h2>\(text("story"))</h2>\n<ol>\(items.joined(separator: "\n"))</ol></section>\n"
  }

  private func cancel(_ view: PageView) -> String {
    guard view.mayCancel else { return "" }
    let inside = #"<p>\#(text("cancel.ask"))</p><button class="danger">\#(text("cancel.button"))</button>"#
    return
      "<section id=\"cancel\"><details><summary>\(text("cancel"))</summary>\(form("cancel", inside))</details></section>\n"
  }

  private func rating(_ view: PageView) -> String {
    if let rating = view.rating {
      let stars = String(repeating: "★", count: rating.stars) + String(repeating: "☆", count: 5 - rating.stars)
      return """
        <section id="rating"><h2>\(text("rating.yours"))</h2>
        <p class="given" role="img" aria-label="\(rating.stars) \(text("rating.of"))">\(stars)</p>\
        \(rating.text.isEmpty ? "" : #"<p dir="auto">\#(escape(rating.text))</p>"#)</section>

        """
    }
    guard view.mayRate else { return "" }
    let stars = (1...5).map { number in
      #"<label><input type="radio" name="stars" value="\#(number)" required aria-label="\#(number) \#(text("rating.of"))"><span aria-hidden="true">★</span></label>"#
    }
    let inside = """
      <fieldset class="stars"><legend>\(text("rating"))</legend>\(stars.joined())</fieldset>
      <label>\(text("rating.text"))<textarea name="text" rows="2" maxlength="\(OrderRating.textCharactersMax)" dir="auto"></textarea></label>
      <button>\(text("rating.send"))</button>
      """
    return "<section id=\"rating\">\(form("rating", inside))</section>\n"
  }

  // MARK: Parts

  /// Whoever has the address may do what it does, so it needs no other proof of where it comes from.
  private func form(_ act: String, _ inside: String) -> String {
    #"<form method="post" action="\#(root)\#(token)/\#(act)\#(query())">\#(inside)</form>"#
  }

  private func query() -> String { isChosen ? "?lang=\(words.language.rawValue)" : "" }

  /// Whole without a script; with one it is the customer's own time.
  private func time(_ rfc3339: String) -> String {
    let shown = rfc3339.prefix(16).replacing("T", with: " ") + " UTC"
    return #"<time dir="auto" datetime="\#(escape(rfc3339))">\#(escape(String(shown)))</time>"#
  }

  private func text(_ key: String) -> String { escape(words[key]) }
  private func escape(_ text: String) -> String { HTMLText.escape(text) }
}
