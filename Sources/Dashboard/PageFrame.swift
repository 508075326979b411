import Store

/// What stands around each page.
struct PageFrame {
  /// Where the writing begins.
  enum Direction: String { case ltr, rtl }

  var direction = Direction.ltr
  /// Who looks; nil for a stranger.
  var session: Session?

  private static let places = [
    ("Overview", "/"), ("Orders", "/orders"), ("Many at once", "/runs"), ("Charts", "/charts"), ("Acts", "/acts"),
  ]

  /// A page for somebody who is logged in.
  ///
  /// - Parameters:
  ///   - json: where the script reads it again.
  ///   - events: where the script gets it as it changes.
  func page(_ model: PageModel, json: String?, events: String? = nil, query: String = "") -> String {
    let sources =
      (json.map { #" data-json="\#(HTML.escape($0))""# } ?? "")
      + (events.map { #" data-events="\#(HTML.escape($0))""# } ?? "")
    return head(model.title, withScript: true) + """
      <body\(sources)>
      <a class="skip" href="#main">Skip to the content</a>
      <header>
      <a class="brand" href="/">Sevk</a>
      <form role="search" action="/search" method="get">
      <label class="unseen" for="q">Find an order: its id, the shop’s reference, the provider’s reference or a player id</label>
      <input id="q" name="q" type="search" dir="auto" required maxlength="200" autocomplete="off" spellcheck="false"
        aria-keyshortcuts="/" placeholder="Order, reference or player id" value="\(HTML.escape(query))">
      <button>Find</button>
      </form>
      <form class="logout" action="/logout" method="post"><button class="quiet">Log out</button></form>
      <nav aria-label="Pages">\(navigation)</nav>
      </header>
      <main id="main" tabindex="-1">
      <h1><bdi>\(HTML.escape(model.heading))</bdi></h1>
      \(notice(model))<p class="lead" id="lead" data-tone="\(model.tone.rawValue)"><bdi>\(HTML.sentence(model.lead))</bdi></p>
      <p class="as-of">As of <span id="as-of">\(HTML.time(model.asOf))</span> · <span id="connection"></span>
      <a href="">Reload</a></p>
      \(progress(model))\(model.forms.map { HTML.form($0, key: session?.formKey ?? "") }.joined())\(HTML.charts(model.charts))<div class="cards">
      \(model.tables.map(HTML.table).joined())</div>
      </main>
      <p class="unseen" id="news" role="status" aria-live="polite"></p>
      <footer>\(footer)
      <a href="?dir=\(direction == .ltr ? "rtl" : "ltr")" rel="nofollow">\
      \(direction == .ltr ? "Right to left" : "Left to right")</a></footer>
      </body></html>

      """
  }

  private var navigation: String {
    Self.places.map { #"<a href="\#($0.1)">\#($0.0)</a>"# }.joined(separator: " ")
  }

  private func notice(_ model: PageModel) -> String {
    model.notice.map {
      #"<p class="lead" id="notice" role="status" data-tone="good"><bdi>\#(HTML.sentence($0))</bdi></p>"#
    } ?? ""
  }

  private func progress(_ model: PageModel) -> String {
    model.progress.map {
      #"<p><progress id="progress" aria-label="Progress" max="\#(max(1, $0.all))" value="\#($0.done)"></progress></p>"#
    } ?? ""
  }

  /// Under which name what is done here is written down, or that nothing can be.
  private var footer: String {
    guard let token = session?.token, token.roles != [.look] else {
      return
        "Your token only looks: decisions are made with the commands shown, on a server, or with a token of the role decide."
    }
    let roles = DashboardRole.allCases.filter { token.roles.contains($0) }.map(\.words).joined(separator: ", ")
    return "You are <bdi>\(HTML.escape(token.who))</bdi> and may \(roles). What you do is written down under this name."
  }

  /// The page where the token is given.
  func login(next: String, problem: String?) -> String {
    let told = problem.map { #"<p class="lead" data-tone="bad" role="alert" id="problem">\#(HTML.escape($0))</p>"# }
    return head("Log in · Sevk", withScript: false) + """
      <body class="plain"><main id="main">
      <h1>Sevk</h1>
      \(told ?? "")
      <form action="/login" method="post" class="card login">
      <input name="user" value="dashboard" autocomplete="username" hidden>
      <label for="token">Dashboard token</label>
      <input id="token" name="token" type="password" required maxlength="200" autocomplete="current-password"
        dir="ltr" autofocus\(problem == nil ? "" : #" aria-describedby="problem""#)>
      <input type="hidden" name="next" value="\(HTML.escape(next))">
      <button>Log in</button>
      <p class="note">Whoever runs Sevk makes one: <code>dispatcher token create --dashboard</code></p>
      </form></main></body></html>

      """
  }

  /// A page that says one thing.
  func message(_ heading: String, _ text: String) -> String {
    head(heading + " · Sevk", withScript: false) + """
      <body class="plain"><main id="main"><h1>\(HTML.escape(heading))</h1>
      <p class="lead" data-tone="warning" dir="auto">\(HTML.escape(text))</p>
      <p><a href="">Try again</a> · <a href="/">Overview</a></p></main></body></html>

      """
  }

  private func head(_ title: String, withScript: Bool) -> String {
    let icon =
      "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Crect width='8' height='8' "
      + "rx='2' fill='%230b57d0'/%3E%3Cpath d='M2 4h3M4 2.5 5.5 4 4 5.5' stroke='%23fff' fill='none'/%3E%3C/svg%3E"
    return """
      <!doctype html>
      <html lang="en" dir="\(direction.rawValue)"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(HTML.escape(title))</title>
      <link rel="icon" href="\(icon)">
      <link rel="stylesheet" href="/style.css">
      \(withScript ? #"<script src="/app.js" defer></script>"# : "")
      </head>

      """
  }
}
