import EventLoop
import Foundation
import PrivateServers
import TestSupport
import Testing

/// The dashboard as ops and support see it, in a real browser.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct DashboardTests {
  /// The first send is lost on its way, so that the first order comes to be held.
  private func make(_ environment: [String: String] = [:]) async throws -> (Installation, Chromium, token: String) {
    var all = ["SEVK_DASHBOARD_ADDRESS": "127.0.0.1:0", "SEVK_CHECK_DEADLINE": "1s"]
    all.merge(environment) { $1 }
    let sevk = try await Installation.make(panel: ["--fault", "drop-request=#1"], environment: all)
    try await sevk.startAll()
    return (sevk, try await Chromium(), try sevk.createDashboardToken())
  }

  @Test func supportFindsAnOrderAndOpsSeeItHappen() async throws {
    let (sevk, browser, token) = try await make()
    let nobody = "http://127.0.0.1:\(try FreePort.find())/"
    try sevk.require("dispatcher", ["endpoint", "put", "books", "--tenant", "shop", "--url", nobody])
    let page = try await browser.page()
    try await page.open(sevk.dashboard + "/")
    try await page.logIn("sevk_wrong")
    try await page.until("document.getElementById('problem')?.textContent.includes('does not open the dashboard')")
    #expect(try await page.isTrue("location.pathname === '/login' && document.cookie === ''"))
    // The browser itself notes every answer above 400.
    await page.forgetComplaints()
    try await page.logIn(token)
    try await page.until("document.getElementById('connection')?.textContent === 'live ·'")
    for program in ["dispatcher", "worker", "scheduler"] {
      #expect(
        try await page.isTrue(
          "document.querySelector('#processes tr[data-key^=\"\(program)@\"]').textContent.includes('answers')"))
    }
    #expect(try await page.text("document.querySelectorAll('#queues tbody tr').length") == "3")
    #expect(
      try await page.isTrue("document.querySelector('#providers tr[data-key=panel]').textContent.includes('working')"))
    #expect(try await page.isTrue("document.querySelector('#held tbody').textContent === 'None.'"))

    // Nothing is loaded again from here on: what moves, moves by itself.
    _ = try await page.text("window.isSamePage = true")
    let held = try await sevk.post(player: 1)
    try await page.until("document.querySelector('#newest tr[data-key=\"\(held)\"]')")
    try await page.until("document.querySelector('#held tr[data-key=\"\(held)\"]')")
    let row = try await page.text("document.querySelector('#held tr[data-key=\"\(held)\"]').textContent")
    #expect(row.contains("shop-1") && row.contains("worker order show \(held)") && row.contains("shop"))
    // What one looks for on the provider's panel.
    let there = try #require(try await sevk.rows("SELECT reference FROM attempts").first)
    #expect(row.contains("panel \(there)"), "\(row)")
    let reason = try #require(try await sevk.call("GET", "/v1/orders/\(held)").json["reason"] as? String)
    #expect(row.contains(reason))
    try await page.until("document.getElementById('lead').textContent === '1 order waits for a person.'")
    #expect(try await page.isTrue("document.getElementById('news').textContent === '1 order waits for a person.'"))
    #expect(try await page.isTrue("document.title.startsWith('(1) ')"))
    let done = try await sevk.post(player: 2)
    try await page.until(
      "document.querySelector('#newest tr[data-key=\"\(done)\"]')?.textContent.includes('completed')")
    try sevk.require("worker", ["queue", "pause", "check"])
    try await page.until("document.querySelector('#tasks')?.textContent.includes('worker queue resume check')")
    try sevk.require("worker", ["queue", "resume", "check"])
    try await page.until("!document.querySelector('#tasks').textContent.includes('worker queue resume check')")
    // What the lead says and what is to be done are one truth, with the way to it.
    #expect(
      try await page.isTrue(
        "document.querySelector('#tasks a[href=\"/orders?status=held\"]').textContent.startsWith('1 order is held')"))
    #expect(try await page.isTrue("window.isSamePage === true"))
    try await page.keepPicture("overview")

    // By the keyboard alone: find the player's order.
    let pin = try #require(try await sevk.call("GET", "/v1/orders/\(done)?include=pin").json["pin"] as? String)
    _ = try await page.text("document.activeElement.blur()")
    try await page.press("/")
    #expect(try await page.isTrue("document.activeElement.id === 'q'"))
    try await page.type("2")
    try await page.press("Enter")
    try await page.until("location.pathname === '/orders/\(done)' && document.getElementById('story')")
    let whole = try await page.text("document.documentElement.outerHTML")
    #expect(whole.contains("It is delivered and its PIN is stored.") && whole.contains("pin_ekle.php"))
    #expect(whole.contains("Nothing: completed is final.") && whole.contains("••••"))
    let told = try await page.text("document.querySelector('#told tr[data-key=books]').textContent")
    #expect(told.contains("nothing yet") && told.contains("version 1"), "\(told)")
    for secret in [pin, token, sevk.token, "panel-secret"] { #expect(!whole.contains(secret)) }
    try await page.keepPicture("order")

    // A count leads to the orders that it counts.
    try await page.open(sevk.dashboard + "/status/held")
    #expect(try await page.text("document.querySelectorAll('#found tbody tr').length") == "1")
    try await page.open(sevk.dashboard + "/orders/\(held)")
    #expect(try await page.isTrue("document.querySelector('#lead time[datetime$=Z]') !== null"))
    #expect(try await page.isTrue("!document.getElementById('lead').textContent.includes('UTC')"))
    // A moment has its date, today as well.
    #expect(
      try await page.isTrue("document.querySelector('#story time').textContent.includes(String(new Date().getDate()))"))
    #expect(try await page.text("document.querySelector('#choices [data-tone=bad]').textContent") != "")
    for choice in ["--received", "--completed --pin-file FILE", "--failed", "--not-received"] {
      let command = "worker order resolve \(held) \(choice) --note TEXT"
      #expect(
        try await page.isTrue(
          "[...document.querySelectorAll('#choices code')].some((c) => c.textContent === '\(command)')"))
    }
    try await page.keepPicture("held")
    // It is asked for again, until it can no longer change.
    try sevk.require("worker", ["order", "resolve", held, "--failed", "--note", "<b>seen</b> by ayşe", "--yes"])
    try await page.until("document.getElementById('connection').textContent === 'no longer changes ·'")
    #expect(try await page.isTrue("document.getElementById('story').textContent.includes('<b>seen</b> by ayşe')"))
    let complaints = await page.complaints
    #expect(complaints == [])
    await browser.stop()
    await sevk.stop()
  }

  @Test func whatCustomersTypeStaysText() async throws {
    let (sevk, browser, token) = try await make()
    let player = "<script>window.hacked=1</script>"
    let reference = "\"><img src=x onerror=window.hacked=1> İğüş مرحبا بالعالم 🎮"
    let first = try await sevk.post(reference: reference, fields: ["player_id": player, "phone": "'><b>"], key: "a")
    let second = try await sevk.post(reference: reference, fields: ["player_id": player, "phone": "&lt;"], key: "b")
    try await sevk.settled([first, second])
    let page = try await browser.page()
    try await page.open(sevk.dashboard + "/search?q=" + (player.addingPercentEncoding(withAllowedCharacters: []) ?? ""))
    try await page.logIn(token)
    // It came back to the search, where both are.
    try await page.until("document.querySelectorAll('#found tbody tr').length === 2")
    let quoted = String(decoding: try JSONEncoder().encode(reference), as: UTF8.self)
    #expect(try await page.isTrue("document.querySelector('#found tbody a').textContent === \(quoted)"))
    #expect(try await page.isTrue("document.getElementById('q').value === '<script>window.hacked=1</' + 'script>'"))
    for path in ["/", "/orders/\(first)", "/orders/\(second)"] {
      try await page.open(sevk.dashboard + path)
      if path == "/" { try await page.until("document.getElementById('connection').textContent === 'live ·'") }
      #expect(try await page.isTrue("document.body.textContent.includes(\(quoted))"))
      #expect(try await page.isTrue("document.body.textContent.includes('<script>window.hacked=1</' + 'script>')"))
      #expect(try await page.isTrue("document.querySelectorAll('main img, main script, main b').length === 0"))
    }
    #expect(try await page.isTrue("window.hacked === undefined"))
    let complaints = await page.complaints
    #expect(complaints == [])
    await browser.stop()
    await sevk.stop()
  }

  @Test func everybodyCanReadIt() async throws {
    let (sevk, browser, _) = try await make()
    let token = try sevk.createDashboardToken(["--role", "decide,operate", "--name", "ayse"])
    let held = try await sevk.post(player: 1)
    _ = try await sevk.post(
      reference: "طلب ١٢٣",
      fields: ["player_id": "a-very-long-player-name-without-any-space-in-it-0123456789", "phone": "1"],
      key: "long")
    try await sevk.settled([held])
    let page = try await browser.page()
    try await page.resize(320, 640, isPhone: true)
    try await page.open(sevk.dashboard + "/")
    #expect(try await page.isTrue(Self.fits))
    #expect(try await page.text(Self.pale) == "")
    try await page.logIn(token)
    try await page.until("document.getElementById('processes')")
    let decide = "/orders/\(held)/decide?move=not_received"
    for path in [
      "/?dir=ltr", "/orders/\(held)", "/search?q=nobody", decide, "/orders?status=open", "/charts", "/providers/panel",
      "/queues/check", "/runs", "/acts", "/?dir=rtl", "/orders/\(held)", decide, "/orders?status=open", "/charts",
    ] {
      try await page.open(sevk.dashboard + path)
      let isRightToLeft = try await page.isTrue("document.documentElement.dir === 'rtl'")
      let name =
        path.contains("search")
        ? "search"
        : path.hasPrefix("/?")
          ? "overview"
          : path.replacing(held, with: "").split { !$0.isLetter }.prefix(2).joined(separator: "-")
      for (scheme, width) in [("light", 320), ("dark", 320), ("dark", 1280), ("light", 1280)] {
        try await page.prefer(scheme)
        try await page.resize(width, 800, isPhone: width == 320)
        #expect(try await page.isTrue(Self.fits), "\(path) \(width)")
        #expect(try await page.text(Self.pale) == "", "\(path) \(scheme)")
        try await page.keepPicture("\(name)-\(isRightToLeft ? "rtl" : "ltr")-\(scheme)-\(width)")
      }
    }
    // The first stop of the keyboard leads past the head; every stop shows that it is one.
    try await page.open(sevk.dashboard + "/?dir=ltr")
    try await page.press("Tab")
    #expect(try await page.text("document.activeElement.className") == "skip")
    var stops: [String] = []
    for _ in 0..<11 {
      try await page.press("Tab")
      #expect(try await page.isTrue("getComputedStyle(document.activeElement).outlineStyle === 'solid'"))
      stops.append(try await page.text("document.activeElement.id || document.activeElement.textContent.trim()"))
    }
    #expect(
      stops.prefix(10) == [
        "Sevk", "q", "Find", "Log out", "Overview", "Orders", "Many at once", "Charts", "Acts", "Reload",
      ])
    #expect(
      try await page.isTrue(
        "[...document.querySelectorAll('table')].every((t) => t.caption && t.querySelector('th[scope=col]'))"))

    // Behind a proxy that holds streams back it is asked for; without scripts it is a page as any other.
    await page.forgetComplaints()
    try await page.block(["*/events"])
    try await page.open(sevk.dashboard + "/")
    try await page.until("document.getElementById('connection').textContent === 'every 5 s ·'")
    let late = try await sevk.post(player: 3)
    try await page.until("document.querySelector('#newest tr[data-key=\"\(late)\"]')")
    try await page.block([])
    try await page.allowScripts(false)
    try await page.open(sevk.dashboard + "/")
    let plain = try await sevkHTML(page)
    #expect(plain.contains(late) && plain.contains(" UTC</time>") && !plain.contains("<button type"))
    await browser.stop()
    await sevk.stop()
  }

  private func sevkHTML(_ page: BrowserPage) async throws -> String {
    try await page.text("document.documentElement.outerHTML")
  }

  /// Nothing is wider than the window.
  static let fits = "document.documentElement.scrollWidth <= innerWidth"

  /// Texts with less contrast than 4.5 : 1 against what is behind them.
  static let pale = """
    (() => {
      const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
      const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
        .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
      const ground = (element) => {
        for (let e = element; e; e = e.parentElement) {
          const color = numbers(getComputedStyle(e).backgroundColor);
          if (color.length === 3 || color[3] === 1) return color;
        }
        return [255, 255, 255];
      };
      const pale = [];
      for (const animation of document.getAnimations()) animation.finish();
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walk.nextNode()) {
        const element = walk.currentNode.parentElement;
        if (!walk.currentNode.textContent.trim() || !element.checkVisibility()) continue;
        const pair = [light(numbers(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
        const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
        if (ratio < 4.5) pale.push(`${element.tagName} ${element.className} ${walk.currentNode.textContent}: ${ratio}`);
      }
      return pale.join("; ");
    })()
    """
}
