import CommandLine
import EventLoop
import HTTPServer
import Orders
import Postgres
import Store
import Support
import Telemetry

/// Which request gets which page. Without a session there is nothing but the login and its style.
@LoopActor
final class Routes {
  private static let cookie = "sevk_session"
  private static let directionCookie = "sevk_dir"

  private let feed: OverviewFeed
  private let sessions: Sessions
  private let log: Log
  private let orderPage: OrderPage
  private let searchPage: SearchPage
  private let statusPage: StatusPage
  private let orderActs: OrderActs
  private let operations: Operations
  private let charts: Charts
  private let ordersPage: OrdersPage
  let runPages: RunPages
  private let limit = LoginLimit()

  /// - Parameter schedule: for providers that set none of their own.
  init(
    _ feed: OverviewFeed, _ sessions: Sessions, _ sources: SupportSources, _ charts: Charts, schedule: CheckSchedule,
    log: Log
  ) {
    self.feed = feed
    self.sessions = sessions
    self.log = log
    orderPage = OrderPage(sources: sources, schedule: schedule)
    searchPage = SearchPage(store: sources.store)
    statusPage = StatusPage(store: sources.store)
    orderActs = OrderActs(sources: sources, schedule: schedule)
    operations = Operations(sources: sources, charts: charts)
    self.charts = charts
    ordersPage = OrdersPage(sources: sources)
    runPages = RunPages(sources, schedule: schedule, log: log)
  }

  func answer(_ request: HTTPRequest) async -> HTTPResponse {
    var response: HTTPResponse
    do {
      response = try await route(request)
    } catch let error as PostgresError where error.isTransient {
      log.error("a page failed", ["path": request.path, "request": request.id, "reason": "\(error)"])
      response = Answers.html(
        PageFrame().message(
          "PostgreSQL does not answer", "Nobody can be logged in without it; see: worker doctor"),
        status: 503)
    } catch {
      log.error("a page failed", ["path": request.path, "request": request.id, "reason": "\(error)"])
      response = Answers.html(PageFrame().message("This page failed", "The reason is in the log."), status: 500)
    }
    response.headers += Answers.securityHeaders
    if let direction = request.query["dir"].flatMap(PageFrame.Direction.init) {
      response.headers.append(setCookie(Self.directionCookie, direction.rawValue, request))
    }
    return response
  }

  private func route(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard !request.isFromElsewhere || request.method == "GET" else {
      return Answers.text("this form was sent by another site", status: 403)
    }
    switch (request.method, request.path) {
    case ("GET", "/style.css"): return Answers.style
    case ("POST", "/login"): return try await logIn(request)
    case ("GET", "/login"):
      if try await session(request) != nil { return Answers.redirect("/", status: 302) }
      return Answers.html(frame(request).login(next: Answers.ownPath(request.query["next"]), problem: nil))
    default: break
    }
    guard let session = try await session(request) else { return stranger(request) }
    if request.method == "POST" {
      return request.path == "/logout" ? try logOut(request) : try await post(request, session)
    }
    switch (request.method, request.path) {
    case ("GET", "/app.js"): return Answers.script
    case ("GET", "/"):
      let page = await feed.latest()
      return Answers.html(frame(request, session).page(page, json: "/overview.json", events: "/events"))
    case ("GET", "/overview.json"): return Answers.json(await feed.latest().json)
    case ("GET", "/events"):
      guard let events = feed.join(session) else { return Answers.text("too many viewers at once", status: 503) }
      return HTTPResponse(status: 200, headers: [("Content-Type", "text/event-stream")], body: .stream(events))
    case ("GET", "/search"): return try await search(request, session)
    case ("GET", "/orders"): return shown(try await ordersPage.page(request.query, session.token), request, session)
    case ("GET", "/orders.csv"):
      return try await ordersPage.csv(request.query) ?? notFound("there is no such filter", request, session)
    case ("GET", "/runs"): return shown(try await runPages.list(), request, session)
    case ("GET", let path) where path.hasPrefix("/runs/"): return try await run(request, session)
    case ("GET", "/charts"): return shown(try await charts.page(), request, session)
    case ("GET", "/acts"): return shown(try await operations.acts(), request, session)
    case ("GET", "/operate"):
      guard let act = Operations.Wanted(request.query) else {
        return notFound("there is no such act", request, session)
      }
      guard session.token.roles.contains(.operate) else { return mayNot(.operate, request, session) }
      guard let page = try await operations.page(act, session.token) else {
        return notFound("there is no \(act.kind) \(act.target)", request, session)
      }
      return shown(page, request, session)
    case ("GET", let path) where path.hasPrefix("/providers/"):
      let name = String(path.dropFirst("/providers/".count))
      guard let page = try await operations.provider(name, session.token, done: request.query["done"]) else {
        return notFound("there is no provider \(name)", request, session)
      }
      return shown(page, request, session)
    case ("GET", let path) where path.hasPrefix("/queues/"):
      let name = String(path.dropFirst("/queues/".count))
      guard let page = try await operations.queue(name, session.token, done: request.query["done"]) else {
        return notFound("there is no queue \(name)", request, session)
      }
      return shown(page, request, session)
    case ("GET", let path) where path.hasPrefix("/orders/") && path.hasSuffix("/decide"):
      guard session.token.roles.contains(.decide) else { return mayNot(.decide, request, session) }
      guard let move = OrderActs.Move(request.query["move"]),
        let page = try await orderActs.page(Self.orderID(path), move, session.token)
      else { return notFound("there is no such order or move", request, session) }
      return shown(page, request, session)
    case ("GET", let path) where path.hasPrefix("/orders/"): return try await order(request, session)
    case ("GET", let path) where path.hasPrefix("/status/"): return try await status(request, session)
    case ("GET", _): return notFound("there is no page \(request.path)", request, session)
    default: return Answers.text("\(request.method) is not possible here", status: 405)
    }
  }

  // MARK: Acts

  /// What changes something: only with the session's own form, and with the role that it takes.
  private func post(_ request: HTTPRequest, _ session: Session) async throws -> HTTPResponse {
    let path = request.path
    guard path == "/operate" || path == "/runs" || path.hasPrefix("/runs/") || path.hasPrefix("/orders/") else {
      return Answers.text("POST is not possible here", status: 405)
    }
    let form = request.form
    guard session.isFormKey(form["key"]) else {
      return said(
        "Nothing was changed", "This form is not of your session. Go back, load the page again, and send it once more.",
        request, session, status: 403)
    }
    switch request.path {
    case "/operate":
      guard session.token.roles.contains(.operate) else { return mayNot(.operate, request, session) }
      guard let act = Operations.Wanted(form) else { return notFound("there is no such act", request, session) }
      guard let path = try await operations.act(act, form, session.token) else {
        return notFound("there is no \(act.kind) \(act.target)", request, session)
      }
      noteAct(request, session)
      return Answers.redirect(path, status: 303)
    case let path where path.hasPrefix("/orders/") && path.hasSuffix("/decide"):
      guard session.token.roles.contains(.decide) else { return mayNot(.decide, request, session) }
      switch try await orderActs.act(Self.orderID(path), form, session.token) {
      case nil: return notFound("there is no such order or move", request, session)
      case .done(let path):
        noteAct(request, session)
        return Answers.redirect(path, status: 303)
      case .refused(let page, let status): return shown(page, request, session, status: status)
      }
    case "/runs":
      guard session.token.roles.contains(.decide) else { return mayNot(.decide, request, session) }
      do {
        guard let path = try await runPages.draw(form, session.token) else {
          return notFound("no order fits", request, session)
        }
        return Answers.redirect(path, status: 303)
      } catch let error as UsageError {
        let why = "\(error)"
        return said(
          "Nothing was changed", "\(why.prefix(1).uppercased())\(why.dropFirst()).", request, session, status: 422)
      }
    case let path where path.hasPrefix("/runs/"):
      guard session.token.roles.contains(.decide) else { return mayNot(.decide, request, session) }
      let parts = path.split(separator: "/")
      guard parts.count == 3 else { return notFound("there is no page \(path)", request, session) }
      let id = String(parts[1])
      guard let problem = try await runPages.act(String(parts[2]), id, form, session.token) else {
        noteAct(request, session)
        return Answers.redirect("/runs/\(id)", status: 303)
      }
      guard let page = try await runPages.run(id, session.token, typed: form, problem: problem) else {
        return notFound("there is no run \(id)", request, session)
      }
      return shown(page, request, session, status: 409)
    default: return Answers.text("POST is not possible here", status: 405)
    }
  }

  private func run(_ request: HTTPRequest, _ session: Session) async throws -> HTTPResponse {
    var id = request.path.dropFirst("/runs/".count)
    let wantsJSON = id.hasSuffix(".json")
    if wantsJSON { id = id.dropLast(".json".count) }
    let ticks = request.query["tick"] == "none" ? ["tick": "none"] : [:]
    guard let page = try await runPages.run(String(id), session.token, typed: ticks) else {
      return notFound("there is no run \(id)", request, session)
    }
    if wantsJSON { return Answers.json(page.json) }
    return shown(page, request, session, json: page.isLive ? "/runs/\(id).json" : nil)
  }

  private func noteAct(_ request: HTTPRequest, _ session: Session) {
    log.info("an act in the dashboard", ["who": session.token.who, "path": request.path, "request": request.id])
  }

  private func mayNot(_ role: DashboardRole, _ request: HTTPRequest, _ session: Session) -> HTTPResponse {
    said("Not with this token", "This takes a token of the role \(role.rawValue).", request, session, status: 403)
  }

  private static func orderID(_ path: String) -> String {
    String(path.dropFirst("/orders/".count).prefix { $0 != "/" })
  }

  private func shown(
    _ page: PageModel, _ request: HTTPRequest, _ session: Session, json: String? = nil, status: Int = 200
  ) -> HTTPResponse {
    Answers.html(frame(request, session).page(page, json: json), status: status)
  }

  // MARK: Sessions

  private func session(_ request: HTTPRequest) async throws -> Session? {
    guard let cookie = request.cookie(Self.cookie) else { return nil }
    return try await sessions.session(cookie)
  }

  /// A browser is led to the login; scripts and streams are told.
  private func stranger(_ request: HTTPRequest) -> HTTPResponse {
    let isPage = request.method == "GET" && !request.path.contains(".") && request.path != "/events"
    guard isPage else { return Answers.text("log in first", status: 401) }
    // With its whole query, so that a link that was shared leads where it should.
    let next = request.parameters.map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }
    let query = next.isEmpty ? "" : "?" + next.joined(separator: "&")
    return Answers.redirect("/login?next=\(percentEncoded(Answers.ownPath(request.path) + query))", status: 302)
  }

  private func logIn(_ request: HTTPRequest) async throws -> HTTPResponse {
    let form = request.form
    let next = Answers.ownPath(form["next"])
    func refused(_ problem: String, _ status: Int) -> HTTPResponse {
      Answers.html(frame(request).login(next: next, problem: problem), status: status)
    }
    let token = (form["token"] ?? "").filter { !$0.isWhitespace }
    guard let cookie = try await sessions.open(token: token) else {
      // After the token, since all who come by way of one proxy share its address.
      guard !limit.isOver(request.peer) else {
        return refused("Too many wrong tokens from this address. Wait a minute.", 429)
      }
      limit.noteFailure(request.peer)
      log.warning("a login to the dashboard was refused", ["peer": request.peer])
      return refused("This token does not open the dashboard. A token of the API never does.", 403)
    }
    var response = Answers.redirect(next, status: 303)
    response.headers.append(setCookie(Self.cookie, cookie, request, seconds: Sessions.lifeSecondsMax))
    return response
  }

  private func logOut(_ request: HTTPRequest) throws -> HTTPResponse {
    if let cookie = request.cookie(Self.cookie) { try sessions.end(cookie) }
    var response = Answers.redirect("/login", status: 303)
    response.headers.append(setCookie(Self.cookie, "", request, seconds: 0))
    return response
  }

  private func setCookie(
    _ name: String, _ value: String, _ request: HTTPRequest, seconds: Int64? = nil
  ) -> (String, String) {
    (
      "Set-Cookie",
      "\(name)=\(value); Path=/; HttpOnly; SameSite=Strict" + (seconds.map { "; Max-Age=\($0)" } ?? "")
        + (request.isEncrypted ? "; Secure" : "")
    )
  }

  // MARK: Orders

  private func search(_ request: HTTPRequest, _ session: Session) async throws -> HTTPResponse {
    let text = request.query["q"] ?? ""
    let found = try await searchPage.find(text)
    if found.count == 1 { return Answers.redirect("/orders/\(found[0].id)", status: 302) }
    let page = try await searchPage.page(text, found)
    return Answers.html(frame(request, session).page(page, json: nil, query: text), status: found.isEmpty ? 404 : 200)
  }

  private func order(_ request: HTTPRequest, _ session: Session) async throws -> HTTPResponse {
    var id = request.path.dropFirst("/orders/".count)
    let wantsJSON = id.hasSuffix(".json")
    if wantsJSON { id = id.dropLast(".json".count) }
    guard let page = try await orderPage.page(String(id), session.token, done: request.query["done"]) else {
      return notFound("there is no order \(id)", request, session)
    }
    return wantsJSON
      ? Answers.json(page.json) : Answers.html(frame(request, session).page(page, json: "/orders/\(id).json"))
  }

  private func status(_ request: HTTPRequest, _ session: Session) async throws -> HTTPResponse {
    let name = String(request.path.dropFirst("/status/".count))
    guard let page = try await statusPage.page(name, after: request.query["after"]) else {
      return notFound("there is no status \(name)", request, session)
    }
    return shown(page, request, session)
  }

  private func notFound(_ text: String, _ request: HTTPRequest, _ session: Session) -> HTTPResponse {
    said("Not found", "\(text.prefix(1).uppercased())\(text.dropFirst()).", request, session, status: 404)
  }

  /// A page that says one thing, with the links to all others.
  private func said(
    _ heading: String, _ text: String, _ request: HTTPRequest, _ session: Session, status: Int
  ) -> HTTPResponse {
    let page = PageModel(
      title: "\(heading) · Sevk", heading: heading, lead: text, tone: .warning,
      asOf: Timestamp.rfc3339(Int64(Clock.unixMilliseconds())), isLive: false, tables: [])
    return shown(page, request, session, status: status)
  }

  private func frame(_ request: HTTPRequest, _ session: Session? = nil) -> PageFrame {
    let direction = request.query["dir"] ?? request.cookie(Self.directionCookie) ?? ""
    return PageFrame(direction: PageFrame.Direction(rawValue: direction) ?? .ltr, session: session)
  }
}
