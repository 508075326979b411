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
  private let limit = LoginLimit()

  /// - Parameter schedule: for providers that set none of their own.
  init(_ feed: OverviewFeed, _ sessions: Sessions, _ sources: SupportSources, schedule: CheckSchedule, log: Log) {
    self.feed = feed
    self.sessions = sessions
    self.log = log
    orderPage = OrderPage(sources: sources, schedule: schedule)
    searchPage = SearchPage(store: sources.store)
    statusPage = StatusPage(store: sources.store)
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
    switch (request.method, request.path) {
    case ("POST", "/logout"): return try logOut(request)
    case ("GET", "/app.js"): return Answers.script
    case ("GET", "/"):
      let page = await feed.latest()
      return Answers.html(frame(request).page(page, json: "/overview.json", events: "/events"))
    case ("GET", "/overview.json"): return Answers.json(await feed.latest().json)
    case ("GET", "/events"):
      guard let events = feed.join(session) else { return Answers.text("too many viewers at once", status: 503) }
      return HTTPResponse(status: 200, headers: [("Content-Type", "text/event-stream")], body: .stream(events))
    case ("GET", "/search"): return try await search(request)
    case ("GET", let path) where path.hasPrefix("/orders/"): return try await order(request)
    case ("GET", let path) where path.hasPrefix("/status/"): return try await status(request)
    case ("GET", _): return notFound("there is no page \(request.path)", request)
    default: return Answers.text("\(request.method) is not possible here", status: 405)
    }
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
    let query = request.query["q"].map { "?q=\(percentEncoded($0))" } ?? ""
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

  private func search(_ request: HTTPRequest) async throws -> HTTPResponse {
    let text = request.query["q"] ?? ""
    let found = try await searchPage.find(text)
    if found.count == 1 { return Answers.redirect("/orders/\(found[0].id)", status: 302) }
    let page = try await searchPage.page(text, found)
    return Answers.html(frame(request).page(page, json: nil, query: text), status: found.isEmpty ? 404 : 200)
  }

  private func order(_ request: HTTPRequest) async throws -> HTTPResponse {
    var id = request.path.dropFirst("/orders/".count)
    let wantsJSON = id.hasSuffix(".json")
    if wantsJSON { id = id.dropLast(".json".count) }
    guard let page = try await orderPage.page(String(id)) else {
      return notFound("there is no order \(id)", request)
    }
    return wantsJSON
      ? Answers.json(page.json) : Answers.html(frame(request).page(page, json: "/orders/\(id).json"))
  }

  private func status(_ request: HTTPRequest) async throws -> HTTPResponse {
    let name = String(request.path.dropFirst("/status/".count))
    guard let page = try await statusPage.page(name, after: request.query["after"]) else {
      return notFound("there is no status \(name)", request)
    }
    return Answers.html(frame(request).page(page, json: nil))
  }

  private func notFound(_ text: String, _ request: HTTPRequest) -> HTTPResponse {
    Answers.html(frame(request).message("Not found", text), status: 404)
  }

  private func frame(_ request: HTTPRequest) -> PageFrame {
    let direction = request.query["dir"] ?? request.cookie(Self.directionCookie) ?? ""
    return PageFrame(direction: PageFrame.Direction(rawValue: direction) ?? .ltr)
  }
}
