import EventLoop
import Foundation
import PrivateServers
import TestSupport
import Testing

/// What people do in the dashboard: it moves money, so each way is tried on the real binaries.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct DashboardActTests {
  /// The first send, or each of several, is lost on its way, so that these orders come to be held.
  private func make(
    held count: Int = 1, provider: [String] = []
  ) async throws -> (Installation, [String]) {
    let sevk = try await Installation.make(
      panel: ["--fault", "drop-request=\(count == 1 ? "#1" : "1")"], provider: provider,
      environment: ["SEVK_DASHBOARD_ADDRESS": "127.0.0.1:0", "SEVK_CHECK_DEADLINE": "1s"])
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...count {
      ids.append(try await sevk.post(player: player))
      try await sevk.settled([ids[player - 1]])
    }
    return (sevk, ids)
  }

  private func token(_ sevk: Installation, _ name: String, _ roles: String) throws -> String {
    try sevk.require("dispatcher", ["token", "create", "--dashboard", "--role", roles, "--name", name])
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// A session: its cookie, and the key of its forms.
  private func logIn(_ sevk: Installation, _ token: String) async throws -> (cookie: String, key: String) {
    let cookie = try await sevk.ask("/login", method: "POST", form: "token=\(token)&next=%2F").cookie
    let page = try await sevk.ask("/orders?status=held", cookie: cookie).text
    return (cookie, Self.value("key", page))
  }

  /// The value of a hidden field.
  private static func value(_ name: String, _ page: String) -> String {
    page.components(separatedBy: "name=\"\(name)\" value=\"").dropFirst().first.map { String($0.prefix { $0 != "\"" }) }
      ?? ""
  }

  /// As `until` of a page, where its scripts are off, so that nothing calls back: asked again until it holds.
  private func until(_ page: BrowserPage, _ condition: String) async throws {
    while true {
      do { if try await page.isTrue("Boolean(\(condition))") { return } } catch let failure as Chromium.Failure
        where failure.description.contains("context") || failure.description.contains("navigated")
      {}
    }
  }

  @Test func whoMayOnlyLookChangesNothing() async throws {
    let (sevk, ids) = try await make()
    let nameless = try sevk.command("dispatcher", ["token", "create", "--dashboard", "--role", "decide"])
    #expect(nameless.code == 64 && nameless.errors.contains("--name"))
    #expect(
      try sevk.command("dispatcher", ["token", "create", "--dashboard", "--role", "king", "--name", "x"]).code == 64)
    let old = try sevk.createDashboardToken()
    let decides = try token(sevk, "ayse", "decide")
    #expect(try sevk.require("dispatcher", ["token", "list"]).contains("dashboard:read,dashboard:decide"))
    let looker = try await sevk.ask("/login", method: "POST", form: "token=\(old)&next=%2F").cookie
    let (cookie, key) = try await logIn(sevk, decides)
    #expect(key.count == 64)
    #expect(!(try await sevk.ask("/orders/\(ids[0])", cookie: looker)).text.contains("/decide?move="))
    #expect(try await sevk.ask("/orders/\(ids[0])/decide?move=failed", cookie: looker).status == 403)
    let page = try await sevk.ask("/orders/\(ids[0])/decide?move=failed", cookie: cookie)
    let version = Self.value("version", page.text)
    let form = "move=failed&note=seen&version=\(version)"
    // Without the key of this very session, with another's cookie, from another site: nothing.
    for (fields, cookie, headers) in [
      (form, cookie, []), (form + "&key=" + String(repeating: "0", count: 64), cookie, []),
      (form + "&key=\(key)", looker, []), (form + "&key=\(key)", "", []),
      (form + "&key=\(key)", cookie, [("Origin", "http://evil.example")]),
      (form + "&key=\(key)", cookie, [("Sec-Fetch-Site", "same-site")]),
    ] as [(String, String, [(String, String)])] {
      let answer = try await sevk.ask(
        "/orders/\(ids[0])/decide", method: "POST", form: fields, cookie: cookie, headers: headers)
      #expect([401, 403].contains(answer.status), "\(fields): \(answer.status)")
    }
    // Who decides does not operate.
    let pause = "what=provider_pause&target=panel&note=x&key=\(key)"
    #expect(try await sevk.ask("/operate", method: "POST", form: pause, cookie: cookie).status == 403)
    #expect(try await sevk.rows("SELECT status FROM orders") == ["held"])
    #expect(try await sevk.rows("SELECT who FROM audits").isEmpty)

    // The page shows an order that has moved since: nothing, and it says who was faster.
    try sevk.require("worker", ["order", "resolve", ids[0], "--failed", "--note", "faster", "--by", "veli", "--yes"])
    let late = try await sevk.ask(
      "/orders/\(ids[0])/decide", method: "POST", form: form + "&key=\(key)", cookie: cookie)
    #expect(late.status == 409 && late.text.contains("Nothing was changed") && late.text.contains("veli"))
    #expect(try await sevk.rows("SELECT who FROM audits") == ["veli"])
    await sevk.stop()
  }

  @Test func aHeldOrderIsSettledInTheBrowserWithoutScripts() async throws {
    let (sevk, ids) = try await make()
    let browser = try await Chromium()
    let page = try await browser.page()
    try await page.allowScripts(false)
    try await page.open(sevk.dashboard + "/orders/\(ids[0])")
    try await page.logIn(try token(sevk, "ayşe", "decide"))
    try await until(page, "document.querySelector('#choices a[href$=\"decide?move=completed\"]')")
    try await page.open(sevk.dashboard + "/orders/\(ids[0])/decide?move=completed")
    let lead = try await page.text("document.getElementById('lead').textContent")
    #expect(lead.contains("It becomes completed, which is final"), "\(lead)")
    #expect(try await page.isTrue("document.getElementById('facts').textContent.includes('at stake')"))
    try await page.keepPicture("decide")
    _ = try await page.text("document.getElementById('field-pin').focus()")
    try await page.type("PIN-OF-THE-PANEL")
    _ = try await page.text("document.getElementById('field-note').focus()")
    try await page.type("ticket 4711: <b>seen</b>")
    _ = try await page.text("document.querySelector('#decide button').click()")
    try await until(page, "document.getElementById('notice')?.textContent.includes('Done')")
    #expect(
      try await page.isTrue("document.getElementById('story').textContent.includes('resolved by ayşe as completed')"))
    #expect(try await page.isTrue("!document.documentElement.outerHTML.includes('PIN-OF-THE-PANEL')"))
    let order = try await sevk.call("GET", "/v1/orders/\(ids[0])?include=pin")
    #expect(order.json["pin"] as? String == "PIN-OF-THE-PANEL")
    #expect(try await sevk.rows("SELECT who || ': ' || note FROM audits") == ["ayşe: ticket 4711: <b>seen</b>"])
    let complaints = await page.complaints
    #expect(complaints == [])
    await browser.stop()
    await sevk.stop()
  }

  @Test func toSendAgainForMuchTakesTwoPeople() async throws {
    let (sevk, ids) = try await make(provider: ["--second-person-above", "0", "--currency", "TRY"])
    let id = ids[0]
    func resolve(_ who: String) throws -> ChildProgram.Result {
      try sevk.resolve(id, ["--not-received", "--note", "not there", "--by", who, "--yes"])
    }
    let first = try resolve("ayşe")
    #expect(first.code == 1 && first.errors.contains("takes two people") && first.errors.contains("noted"), "\(first)")
    #expect(try resolve("AYŞE ").errors.contains("has said so already"))
    #expect(try await sevk.audit()["sends"] as? Int == 1)
    #expect(try sevk.require("worker", ["order", "timeline", id]).contains("ayşe wants it sent again"))

    // What the first saw is of the order as it was then: once it has moved, another one is the first again.
    _ = try await sevk.rows("UPDATE second_asks SET version = version - 1 RETURNING 1::text")
    let veli = try resolve("veli")
    #expect(veli.code == 1 && veli.errors.contains("noted"), "\(veli)")
    #expect(try await sevk.audit()["sends"] as? Int == 1)

    // The same person is no second one in the dashboard either; another is. The API obeys as well.
    let api = try sevk.require(
      "dispatcher",
      ["token", "create", "--tenant", "shop", "--scope", "orders:read,orders:resolve", "--name", "veli"]
    ).trimmingCharacters(in: .whitespacesAndNewlines)
    let refused = try await sevk.call(
      "POST", "/v1/orders/\(id)/resolve", body: #"{"not_received": true, "note": "n", "by": "fatma"}"#, token: api)
    #expect(refused.status == 409 && refused.json["code"] as? String == "second_person_needed", "\(refused.text)")
    #expect(try await sevk.call("GET", "/v1/orders/\(id)/moves", token: api).text.contains("needs_second_person"))
    let same = try await logIn(sevk, try token(sevk, "veli", "decide"))
    let other = try await logIn(sevk, try token(sevk, "ayşe", "decide"))
    func send(_ session: (cookie: String, key: String)) async throws -> String {
      let page = try await sevk.ask("/orders/\(id)/decide?move=not_received", cookie: session.cookie).text
      #expect(page.contains("takes two people"))
      // Who was the first, when, and that pressing sends it, to whom and for how much: or that it does not.
      #expect(page.contains("veli was the first at <time") == (session.cookie == other.cookie))
      #expect(page.contains("it is SENT now, to panel, for ") == (session.cookie == other.cookie), "\(page)")
      #expect(page.contains("you have said so already at <time") == (session.cookie == same.cookie))
      let form = "move=not_received&note=looked&version=\(Self.value("version", page))&key=\(session.key)"
      return try await sevk.ask("/orders/\(id)/decide", method: "POST", form: form, cookie: session.cookie)
        .header("Location") ?? ""
    }
    #expect(
      try await sevk.ask("/", cookie: other.cookie).text.contains(
        "veli wants order shop-1 sent again, which may be at panel "))
    let again = try await send(same)
    #expect(again.hasSuffix("?done=second_needed"))
    #expect(try await sevk.ask(again, cookie: same.cookie).text.contains("you said so already at <time"))
    #expect(try await sevk.audit()["sends"] as? Int == 1)
    #expect(try await send(other).hasSuffix("?done=not_received"))
    _ = try await sevk.timeline(of: id) { $0.last == "completed" }
    #expect(try await sevk.audit()["sends"] as? Int == 2)
    #expect(
      try await sevk.rows("SELECT note FROM audits WHERE what = 'not_received'")
        == ["looked; the first of two was veli: not there"])
    try sevk.require("dispatcher", ["provider", "set", "panel", "--second-person-above", "off"])
    #expect(try sevk.command("dispatcher", ["provider", "set", "panel", "--second-person-above", "x"]).code == 64)
    await sevk.stop()
  }

  @Test func manyAreSettledByAFilter() async throws {
    let (sevk, ids) = try await make(held: 3)
    let browser = try await Chromium()
    let page = try await browser.page()
    try await page.open(sevk.dashboard + "/orders?status=held&provider=panel")
    try await page.logIn(try token(sevk, "ayse", "decide"))
    // The link that was shared leads where it should.
    try await page.until("document.querySelectorAll('#found tbody tr').length === 3")
    try await page.keepPicture("orders")
    // Nothing is chosen by itself, and nothing is done before it is.
    #expect(try await page.isTrue("document.getElementById('field-move').value === ''"))
    #expect(try await page.isTrue("!document.getElementById('many').checkValidity()"))
    _ = try await page.text("document.getElementById('field-move').value = 'failed'")
    _ = try await page.text("document.querySelector('#many button').click()")
    try await page.until("document.getElementById('start')")
    let lead = try await page.text("document.getElementById('lead').textContent")
    #expect(lead.contains("3 orders fit status=held provider=panel; 3 can be changed"), "\(lead)")
    #expect(try await page.text("document.querySelector('[data-ticked]').textContent") == "3 of 3 ticked")
    _ = try await page.text("document.querySelector('a[data-tick=none]').click()")
    #expect(try await page.text("document.querySelector('[data-ticked]').textContent") == "0 of 3 ticked")
    _ = try await page.text("document.querySelector('#first input').click()")
    #expect(try await page.text("document.querySelector('[data-ticked]').textContent") == "1 of 3 ticked")
    try await page.keepPicture("run-ticks")
    _ = try await page.text("document.querySelector('a[data-tick=all]').click()")
    try await page.keepPicture("run-drawn")
    try await page.resize(320, 800, isPhone: true)
    #expect(try await page.isTrue("document.documentElement.scrollWidth <= innerWidth"))
    try await page.keepPicture("run-drawn-phone")
    try await page.resize(1280, 800)
    // One of them moves before it is begun: it is left alone, and why is said.
    try sevk.require("worker", ["order", "resolve", ids[2], "--received", "--note", "there", "--yes"])
    _ = try await page.text("document.getElementById('field-note').focus()")
    try await page.type("refused on the panel")
    _ = try await page.text("document.querySelector('#start button').click()")
    try await page.until("document.getElementById('lead')?.textContent.startsWith('Ended: 2 done, 1 refused, 0 left')")
    #expect(try await page.text("document.getElementById('progress').value") == "3")
    #expect(
      try await page.isTrue("document.getElementById('items').textContent.includes('it moved since it was looked at')"))
    try await page.keepPicture("run-ended")
    #expect(try await sevk.rows("SELECT count(*)::text FROM orders WHERE status = 'failed'") == ["2"])
    #expect(
      try await sevk.rows("SELECT DISTINCT who || note FROM audits WHERE what = 'failed'") == [
        "ayserefused on the panel"
      ])
    #expect(try await sevk.rows("SELECT what FROM acts") == ["run_start"])
    try await page.open(sevk.dashboard + "/acts")
    #expect(try await page.isTrue("document.getElementById('acts').textContent.includes('began run')"))
    let complaints = await page.complaints
    #expect(complaints == [])

    // A run whose process is gone is said to be so, and taken up again: what was moved is not moved twice.
    let run = try await sevk.rows(
      "INSERT INTO order_runs (what, filter, drawn_by, state, who, note, started_at, process, beat_at)"
        + " VALUES ('failed', 'f', 'ayse', 'running', 'ayse', 'refused on the panel', now(), 'gone', now() - interval '1 minute')"
        + " RETURNING id::text")[0]
    _ = try await sevk.rows(
      "INSERT INTO order_run_items (run_id, order_id, version) SELECT \(run), id, version - 1 FROM orders WHERE status = 'failed'"
        + " RETURNING 1::text")
    try await page.open(sevk.dashboard + "/runs/\(run)")
    #expect(
      try await page.isTrue("document.getElementById('lead').textContent.includes('The process that did it is gone')"))
    _ = try await page.text("document.querySelector('#continue button').click()")
    try await page.until("document.getElementById('lead')?.textContent.startsWith('Ended: 2 done, 0 left')")
    #expect(try await sevk.rows("SELECT count(*)::text FROM audits WHERE what = 'failed'") == ["2"])
    await browser.stop()
    await sevk.stop()
  }

  @Test func manyAreSettledFromATerminal() async throws {
    let (sevk, ids) = try await make(held: 3)
    let flags = [
      "order", "resolve", "--all", "--filter", "status=held", "--failed", "--note", "refused", "--by", "ayse",
    ]
    #expect(try sevk.command("worker", ["order", "resolve", "--all", "--failed", "--note", "x", "--yes"]).code == 64)
    #expect(try sevk.command("worker", flags + ["--filter", "colour=red"]).errors.contains("colour is no filter"))
    #expect(
      try sevk.command("worker", ["order", "resolve", ids[0], "--filter", "a=b", "--failed", "--note", "x"]).code == 64)
    let asked = try sevk.command("worker", flags)
    #expect(asked.code == 64 && asked.output.contains("3 orders fit status=held; 3 can be changed"), "\(asked)")
    let dry = try sevk.require("worker", flags + ["--dry-run"])
    #expect(dry.contains("at stake") && dry.contains("nothing was changed"))
    #expect(try await sevk.rows("SELECT who FROM audits").isEmpty)
    let since = try sevk.command("worker", flags + ["--filter", "until=1h", "--yes"])
    #expect(since.code == 0 && since.output.contains("no order fits"))
    let done = try sevk.command("worker", flags + ["--filter", "since=1h tenant=shop", "--yes", "--json"])
    #expect(done.code == 0 && done.output.contains("\"done\":3") && done.output.contains("\"refused\":0"), "\(done)")
    #expect(try await sevk.rows("SELECT DISTINCT status FROM orders") == ["failed"])
    let asks = try sevk.command("worker", ["order", "ask", "--all", "--filter", "status=failed", "--yes"])
    #expect(asks.code == 0 && asks.output.contains("done: 3 orders"), "\(asks)")
    #expect(try await sevk.rows("SELECT count(*)::text FROM audits WHERE what = 'ask'") == ["3"])
    await sevk.stop()
  }

  @Test func providersQueuesAndDeadJobs() async throws {
    let (sevk, ids) = try await make()
    let (cookie, key) = try await logIn(sevk, try token(sevk, "mehmet", "operate"))
    #expect(key == "")
    let asked = try await sevk.ask("/operate?what=provider_pause&target=panel", cookie: cookie).text
    let own = Self.value("key", asked)
    #expect(asked.contains("No order is sent to it until somebody resumes it"))
    func act(_ fields: String) async throws -> String {
      try await sevk.ask("/operate", method: "POST", form: fields + "&key=\(own)", cookie: cookie).header("Location")
        ?? ""
    }
    #expect(try await act("what=provider_pause&target=panel&note=prices") == "/providers/panel?done=provider_pause")
    #expect(try sevk.require("worker", ["provider", "list"]).contains("paused"))
    #expect(try await act("what=provider_resume&target=panel&note=") == "/providers/panel?done=provider_resume")
    #expect(try await act("what=provider_pause&target=nobody&note=x") == "")
    #expect(try await act("what=queue_pause&target=check&note=x") == "/queues/check?done=queue_pause")
    #expect(try sevk.require("worker", ["queue", "list"]).contains("PAUSED"))
    #expect(try await act("what=queue_resume&target=check&note=") == "/queues/check?done=queue_resume")
    #expect(try await act("what=jobs_retry&target=check&note=").hasPrefix("/queues/check?done=jobs_retry-"))
    #expect(
      try await sevk.rows("SELECT who || ' ' || what || ' ' || target FROM acts ORDER BY id") == [
        "mehmet provider_pause panel", "mehmet provider_resume panel", "mehmet queue_pause check",
        "mehmet queue_resume check", "mehmet jobs_retry check",
      ])
    // Who operates does not decide.
    #expect(try await sevk.ask("/orders/\(ids[0])/decide?move=failed", cookie: cookie).status == 403)
    for path in ["/charts", "/providers/panel", "/queues/check"] {
      let page = try await sevk.ask(path, cookie: cookie)
      #expect(page.status == 200 && page.text.contains("<svg") && page.text.contains("role=\"img\""), "\(path)")
    }
    await sevk.stop()
  }

  @Test func aListIsHadAsCSVThatNoTableProgramRuns() async throws {
    let (sevk, _) = try await make()
    let evil = "=cmd|' /C calc'!A0"
    let id = try await sevk.post(reference: evil, fields: ["player_id": "+90,\"x\"", "phone": "1"], key: "evil")
    try await sevk.settled([id])
    let cookie = try await sevk.ask(
      "/login", method: "POST", form: "token=\(try sevk.createDashboardToken())&next=%2F"
    ).cookie
    let csv = try await sevk.ask("/orders.csv?status=completed", cookie: cookie)
    #expect(csv.header("Content-Type") == "text/csv; charset=utf-8")
    let lines = csv.text.components(separatedBy: "\r\n")
    #expect(lines[0].hasPrefix("id,reference,tenant,") && lines.count == 3, "\(csv.text)")
    #expect(lines[1].contains("\"'\(evil)\"") && lines[1].contains("\"'+90,\"\"x\"\"\""), "\(lines[1])")
    #expect(try await sevk.ask("/orders.csv").status == 401)
    #expect(try await sevk.ask("/orders.csv?reason=nonsense", cookie: cookie).status == 404)
    let page = try await sevk.ask("/orders?since=tomorrow", cookie: cookie)
    #expect(page.text.contains("since is &quot;tomorrow&quot;, but must be such as 2h"))
    await sevk.stop()
  }

  /// Ten of fourteen were cancelled there, and four delivered: the four are left out.
  @Test func someOfManyAreLeftOut() async throws {
    let (sevk, ids) = try await make(held: 3)
    let (cookie, key) = try await logIn(sevk, try token(sevk, "ayse", "decide"))
    func post(_ path: String, _ form: String) async throws -> Installation.PageAnswer {
      try await sevk.ask(path, method: "POST", form: form + "&key=\(key)", cookie: cookie)
    }
    let unchosen = try await post("/runs", "status=held&move=")
    #expect(unchosen.status == 422 && unchosen.text.contains("Choose what is to be done with them"))
    let path = try #require(try await post("/runs", "status=held&move=failed").header("Location"))
    let drawn = try await sevk.ask(path, cookie: cookie).text
    let boxes = ids.map { "name=\"o-\($0)\" value=\"1\" aria-label=" }
    #expect(boxes.allSatisfy { drawn.contains($0) } && drawn.components(separatedBy: " checked>").count == 4)
    for reference in try await sevk.rows("SELECT reference FROM attempts") { #expect(drawn.contains(reference)) }
    let none = try await sevk.ask(path + "?tick=none", cookie: cookie).text
    #expect(boxes.allSatisfy { none.contains($0) } && !none.contains(" checked>"))

    let unticked = try await post(path + "/start", "note=seen")
    #expect(unticked.status == 409 && unticked.text.contains("tick the orders that it is to be done to"))
    #expect(unticked.text.contains(">seen</textarea>"))
    #expect(try await sevk.rows("SELECT DISTINCT status FROM orders") == ["held"])
    let begun = try await post(path + "/start", "note=seen&o-\(ids[0])=1&o-\(ids[2])=1")
    #expect(begun.status == 303)
    try await Waiting.until("the run has ended", within: .seconds(20)) {
      try await sevk.rows("SELECT state FROM order_runs") == ["ended"]
    }
    #expect(
      try await sevk.rows("SELECT id::text FROM orders WHERE status = 'failed' ORDER BY id")
        == [ids[0], ids[2]].sorted())
    #expect(try await sevk.rows("SELECT filter FROM order_runs") == ["status=held (2 of 3 were ticked)"])
    let ended = try await sevk.ask(path, cookie: cookie).text
    #expect(ended.contains("Ended: 2 done, 0 left"), "\(ended)")
    await sevk.stop()
  }

  @Test func aCodeIsNotCompletedWithoutItsPINByMistake() async throws {
    let (sevk, ids) = try await make(held: 2)
    _ = try await sevk.rows("UPDATE routes SET pin_required = true RETURNING 1::text")
    let (cookie, key) = try await logIn(sevk, try token(sevk, "ayse", "decide"))
    let path = "/orders/\(ids[0])/decide"
    func post(_ fields: String) async throws -> Installation.PageAnswer {
      let page = try await sevk.ask("\(path)?move=completed", cookie: cookie).text
      let form = "move=completed&note=seen&version=\(Self.value("version", page))&key=\(key)" + fields
      return try await sevk.ask(path, method: "POST", form: form, cookie: cookie)
    }
    // Once the dispatcher has read the routes again.
    try await Waiting.until("the box is there", within: .seconds(20)) {
      try await sevk.ask("\(path)?move=completed", cookie: cookie).text.contains("There is no PIN: complete it without")
    }
    let refused = try await post("&pin=")
    #expect(refused.status == 422 && refused.text.contains("type it, or tick that there is none"), "\(refused.text)")
    #expect(try await post("&pin=ABCD-1234&no_pin=1").status == 422)
    #expect(try await sevk.rows("SELECT DISTINCT status FROM orders") == ["held"])
    #expect(try await post("&pin=&no_pin=1").status == 303)
    let why = try sevk.require("worker", ["order", "why", ids[0]])
    #expect(why.contains("ayse marked it delivered") && why.contains("they gave no PIN"), "\(why)")
    #expect(!why.contains("the product has no PIN"))
    // On a server it is said before it asks, and --yes answers.
    let asked = try sevk.resolve(ids[1], ["--completed", "--note", "seen"])
    #expect(asked.code == 64 && asked.output.contains("WARNING") && asked.output.contains("its product has a PIN"))
    #expect(try sevk.resolve(ids[1], ["--completed", "--note", "seen", "--yes"]).code == 0)
    await sevk.stop()
  }

  @Test func aPageThatSaysOneThingLeadsOn() async throws {
    let (sevk, _) = try await make()
    let looker = try await sevk.ask(
      "/login", method: "POST", form: "token=\(try sevk.createDashboardToken())&next=%2F"
    ).cookie
    for (path, status) in [
      ("/nothing", 404), ("/orders/none", 404), ("/runs/7", 404), ("/orders/x/decide?move=failed", 403),
    ] {
      let page = try await sevk.ask(path, cookie: looker)
      #expect(page.status == status && page.text.contains("<nav aria-label=\"Pages\">"), "\(path): \(page.status)")
    }
    await sevk.stop()
  }
}
