public import API
import Cipher
import CommandLine
public import EventLoop
public import Events
public import HTTPServer
public import Orders
public import Store
public import Telemetry
import WebSocket

/// The pages of orders: `/o/TOKEN` and what is below it. Who has the address is the customer; nobody else learns that there is
/// such an order.
@LoopActor
public final class OrderPages {
  public nonisolated static let prefix = PageLinks.prefix
  /// How such a path may stand in a log.
  public nonisolated static let shownPath = "\(prefix){token}"
  /// A rating of the longest, each of its characters written as twelve.
  public nonisolated static let bodyBytesMax = 16 * 1024
  /// As many connections as pages may keep open.
  public nonisolated static let socketsMax = PageSockets.allMax
  /// Who acts here, for audit rows.
  public nonisolated static let customer = "the customer, by the order's page"

  private let store: Store
  private let vault: Vault
  private let looks: PageLooks
  private let sockets: PageSockets
  private let log: Log
  private let metrics: Metrics
  private let root: String
  private let fulfilment: @LoopActor @Sendable (Order) async throws -> OrderFulfilment?
  private let askToCancel: @LoopActor @Sendable (Order) async throws -> Void
  private var strangers = FailedLogins()
  private var posts = PageLimit()

  /// - Parameters:
  ///   - publicURL: what links to this gateway begin with; its path, if it has one, is that of a proxy in front.
  ///   - fulfilment: what a partner adds to an order; nil where none has it.
  ///   - askToCancel: cancels an order that people fulfil where nobody has it, and else asks who has it.
  /// - Throws: ``StoreError/invalid(_:)`` in a process without the secret key.
  public init(
    _ store: Store, feed: EventFeed, publicURL: String, _ instruments: Instruments,
    fulfilment: @escaping @LoopActor @Sendable (Order) async throws -> OrderFulfilment? = { _ in nil },
    askToCancel: @escaping @LoopActor @Sendable (Order) async throws -> Void = { _ in }
  ) throws {
    self.store = store
    vault = try store.vault
    (log, metrics) = (instruments.log, instruments.metrics)
    looks = PageLooks(store)
    sockets = PageSockets(feed: feed, instruments.metrics)
    root = PageAddress.path(of: publicURL) + Self.prefix
    self.fulfilment = fulfilment
    self.askToCancel = askToCancel
    metrics.describe(
      "sevk_order_page_acts_total", "counter", "What customers did on the pages of their orders, by what and its answer"
    )
  }

  public func stop() async { await sockets.stop() }

  // MARK: Answers

  /// - Throws: ``Problem``, or what the database says: for ``refusal(_:_:)``.
  public func answer(_ request: HTTPRequest) async throws -> HTTPResponse {
    switch request.path {
    case "\(Self.prefix)style.css":
      return PageAnswers.file(PageStyle.css(colour: request.query["c"]), "text/css")
    case "\(Self.prefix)app.js": return PageAnswers.file(PackageResources.app_js, "text/javascript")
    default: break
    }
    let address = PageAddress(request.path)
    guard let address, let id = PageToken.read(address.token, vault) else { throw stranger(request) }
    guard let order = try await store.order(id) else { throw stranger(request) }
    switch (request.method, address.rest) {
    case ("GET", nil), ("HEAD", nil): return try await page(order, address, request)
    case ("GET", "logo"), ("HEAD", "logo"):
      guard let logo = try await looks.page(of: order.tenantID).logo else { throw Self.lost }
      return PageAnswers.logo(logo.bytes, logo.kind.rawValue)
    case ("GET", "ws"): return try open(order, request)
    // As after a reload of what a form was answered with.
    case ("GET", "pin"), ("GET", "cancel"), ("GET", "rating"): return PageAnswers.seeOther(root + address.token)
    case ("POST", "pin"), ("POST", "cancel"), ("POST", "rating"):
      if let wait = posts.take(id) { throw Problem.tooMany("too much was done with this order's page at once", wait) }
      return try await act(address.rest ?? "", order, address, request)
    case (_, nil), (_, "logo"), (_, "ws"): throw Self.notAllowed(request, "GET")
    case (_, "pin"), (_, "cancel"), (_, "rating"): throw Self.notAllowed(request, "POST")
    default: throw Self.lost
    }
  }

  /// A problem, as a page where a browser asks and else as JSON.
  public static func refusal(_ problem: Problem, _ request: HTTPRequest, publicURL: String) -> HTTPResponse {
    if PageAnswers.wantsJSON(request) { return PageAnswers.problem(problem) }
    let address = PageAddress(request.path)
    let language = PageLanguage.of(request)
    let html = PageHTML(
      words: PageWords(language: language), token: address?.token ?? "",
      root: PageAddress.path(of: publicURL) + prefix, isChosen: PageLanguage.chosen(request) != nil)
    let key = [404: "lost", 429: "busy"][problem.status] ?? "failed"
    var response = PageAnswers.html(
      html.message(key, back: problem.status != 404 && address?.rest != nil), language, status: problem.status)
    response.headers += problem.headers
    if let seconds = problem.retryAfterSeconds { response.headers.append(("Retry-After", "\(seconds)")) }
    return response
  }

  /// What is answered to a token that nobody made, whatever is wrong with it; it counts against the network it comes from.
  private func stranger(_ request: HTTPRequest) -> Problem {
    let wait = strangers.wait(request.peer)
    strangers.note(request.peer)
    guard let wait else { return Self.lost }
    return .tooMany("too many links that lead to no order came from your address", wait)
  }

  private static let lost = Problem(
    status: 404, title: "Not found", detail: "this link leads to no order; check that it is complete")

  private static func notAllowed(_ request: HTTPRequest, _ methods: String) -> Problem {
    Problem(
      status: 405, title: "Method not allowed", detail: "\(request.method) is not possible here; use \(methods)",
      headers: [("Allow", methods)])
  }

  // MARK: The page

  private func view(_ order: Order) async throws -> PageView {
    let shop = try await looks.page(of: order.tenantID)
    return PageView(
      order: order, shop: shop, isSandbox: SandboxTenant.isOne(shop.tenant),
      story: try await store.pageStory(of: order.id),
      rating: try await store.rating(of: order.id),
      fulfilment: try await fulfilment(order))
  }

  private func html(_ address: PageAddress, _ request: HTTPRequest) -> PageHTML {
    PageHTML(
      words: PageWords(language: PageLanguage.of(request)), token: address.token, root: root,
      isChosen: PageLanguage.chosen(request) != nil)
  }

  private func page(_ order: Order, _ address: PageAddress, _ request: HTTPRequest) async throws -> HTTPResponse {
    let view = try await view(order)
    let html = html(address, request)
    let isJSON = PageAnswers.wantsJSON(request)
    // What was done is said by what came of it, so that the address says nothing that is not so.
    let notice: String? =
      switch request.query["done"] {
      case "cancel" where order.isRefundClaimed || order.status.isFinal: view.cancellation
      case "rating" where view.rating != nil: "rating.thanks"
      default: nil
      }
    let text = isJSON ? PageJSON.text(view, html.words) : html.page(view, notice: notice)
    let tag = EntityTag.of(version: order.version, shown: text, form: isJSON ? "-json" : "")
    if EntityTag.isKnown(tag, to: request) { return PageAnswers.notModified(tag) }
    var response = isJSON ? PageAnswers.json(text) : PageAnswers.html(text, html.words.language)
    response.headers.append(("ETag", tag))
    return response
  }

  private func open(_ order: Order, _ request: HTTPRequest) throws -> HTTPResponse {
    guard sockets.hasRoom(for: order.id) else {
      var problem = Problem(
        status: 503, title: "Too many connections",
        detail: "too many pages are open; this one asks by itself meanwhile",
        code: .tooManyConnections)
      problem.retryAfterSeconds = 30
      throw problem
    }
    do {
      return try WebSocketHandshake.answer(request, subprotocol: PageSockets.subprotocol) { [sockets] connection in
        guard let socket = WebSocket(connection) else { return }
        sockets.open(socket, order.id)
      }
    } catch {
      throw Problem(
        status: error == .noUpgrade || error == .wrongVersion ? 426 : 400, title: "WebSocket only",
        detail: "this address takes WebSocket connections of version 13 only", headers: error.headers)
    }
  }

  // MARK: Acts

  /// Does what a customer asks for; what is refused is said on the page itself where a browser asks.
  private func act(
    _ what: String, _ order: Order, _ address: PageAddress, _ request: HTTPRequest
  ) async throws -> HTTPResponse {
    do throws(PageRefusal) {
      let answer =
        switch what {
        case "pin": try await showPin(order, address, request)
        case "cancel": try await cancel(order, address, request)
        default: try await rate(order, address, request)
        }
      count(what, "done")
      return answer
    } catch {
      count(what, error.problem == nil ? "failed" : "refused")
      if let other = error.other { throw other }
      guard let problem = error.problem, !PageAnswers.wantsJSON(request), let now = try await store.order(order.id)
      else { throw error.problem ?? Self.lost }
      let html = html(address, request)
      return PageAnswers.html(
        html.page(try await view(now), notice: error.notice), html.words.language, status: problem.status)
    }
  }

  private func count(_ what: String, _ result: String) {
    metrics.add("sevk_order_page_acts_total", ["act": what, "result": result])
  }

  private func showPin(
    _ order: Order, _ address: PageAddress, _ request: HTTPRequest
  ) async throws(PageRefusal) -> HTTPResponse {
    let view = try await PageRefusal.passing { try await self.view(order) }
    switch view.pin {
    case .hidden: break
    case .off: throw .init(403, .forbidden, "the shop shows no PIN on this page; ask there", "pin.off")
    case .contested: throw .contested
    case .none: throw .init(409, .notCompleted, "the order has no PIN to show", "pin.none")
    }
    let pin: Pin?
    do { pin = try await store.revealPin(of: order.id) } catch let error as VaultError {
      log.error("a PIN can't be shown on an order's page", ["order": "\(order.id)", "reason": error.reason])
      throw .init(409, .pinUnreadable, "the PIN can't be read here; ask the shop", "pin.unreadable")
    } catch { throw .init(error) }
    // It was contested a moment ago.
    guard let pin else { throw .contested }
    log.info("a PIN was shown on an order's page", ["order": "\(order.id)"])
    if PageAnswers.wantsJSON(request) {
      return PageAnswers.json(JSONText.object(["pin": JSONText.quote(pin.secret)]))
    }
    let html = html(address, request)
    let page = try await PageRefusal.passing { html.page(try await self.view(order), shown: .pin(pin.secret)) }
    return PageAnswers.html(page, html.words.language)
  }

  private func cancel(
    _ order: Order, _ address: PageAddress, _ request: HTTPRequest
  ) async throws(PageRefusal) -> HTTPResponse {
    let (claimed, view) = try await PageRefusal.passing {
      let answer = try await self.store.claimRefund(
        of: order.id, tenant: order.tenantID, who: Self.customer, claimant: .customer)
      var claimed = answer ?? order
      // People can be asked, other than a provider.
      if claimed.status == .sent, claimed.stage != nil {
        try await self.askToCancel(claimed)
        claimed = try await self.store.order(order.id) ?? claimed
      }
      return (claimed, try await self.view(claimed))
    }
    log.info(
      "a customer cancelled on an order's page",
      ["order": "\(order.id)", "refund_safe": claimed.refundSafety.answer.rawValue])
    guard PageAnswers.wantsJSON(request) else { return seeOther(address, "cancel", request) }
    let words = PageWords(language: PageLanguage.of(request))
    return PageAnswers.json(
      JSONText.object([
        "status": JSONText.quote(claimed.status.rawValue), "version": "\(claimed.version)",
        "refund_safe": JSONText.quote(claimed.refundSafety.answer.rawValue),
        "cancelled": "\(claimed.status == .cancelled)", "cancel_requested": view.isAsked ? "true" : nil,
        "text": JSONText.quote(words[view.cancellation]),
      ]))
  }

  private func rate(
    _ order: Order, _ address: PageAddress, _ request: HTTPRequest
  ) async throws(PageRefusal) -> HTTPResponse {
    let rating: OrderRating
    do throws(Problem) { rating = try RatingRequest.read(request) } catch { throw .init(error, "rating.wrong") }
    guard order.status == .completed else {
      throw .init(
        409, .notCompleted, "the order is \(order.status.rawValue); a completed one can be rated", "rating.later")
    }
    let isNew = try await PageRefusal.passing { try await self.store.rate(order.id, rating) }
    guard isNew else {
      throw .init(409, .alreadyRated, "the order was rated already; a rating stays as it is", "rating.once")
    }
    guard PageAnswers.wantsJSON(request) else { return seeOther(address, "rating", request) }
    return PageAnswers.json(JSONText.object(["rating": PageJSON.rating(rating)]))
  }

  private func seeOther(_ address: PageAddress, _ done: String, _ request: HTTPRequest) -> HTTPResponse {
    let language = PageLanguage.chosen(request).map { "&lang=\($0.rawValue)" } ?? ""
    return PageAnswers.seeOther("\(root)\(address.token)?done=\(done)\(language)")
  }
}
