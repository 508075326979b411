import EventLoop
import Foundation
import PrivateServers
import TestSupport
import Testing

/// The customer's page of an order in a browser.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct OrderPageBrowserTests {
  private static let bytesMax = 30 * 1024
  private static let logo =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 40 16\"><rect width=\"40\" height=\"16\" rx=\"3\" fill=\"#ffd54f\"/>"
    + "<path d=\"M6 11V5l4 4 4-4v6\" stroke=\"#222\" fill=\"none\"/></svg>"

  private func start() async throws -> (Installation, Chromium) {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    try await sevk.start("gateway")
    let file = "\(sevk.folder)/logo.svg"
    try Self.logo.write(toFile: file, atomically: true, encoding: .utf8)
    try sevk.require(
      "dispatcher",
      ["tenant", "set", "shop", "--page-name", "Ayşe’s Games", "--page-colour", "#00695c", "--page-logo", file])
    return (sevk, try await Chromium())
  }

  @Test func itIsSmallLiveAndDoesEverything() async throws {
    let (sevk, browser) = try await start()
    try sevk.require("worker", ["queue", "pause", "dispatch"])
    let id = try await sevk.post(player: 5101)
    let path = try await sevk.pagePath(id)
    let page = try await browser.page()
    try await page.open("http://\(sevk.live)\(path)")
    #expect(try await page.text("document.querySelector('.lead').textContent") == "We have your order")
    #expect(try await page.text("document.getElementById('facts').innerText").contains("5101"))
    try await page.keepPicture("order-page-pending")
    let (asked, bytes) = (await page.asked, await page.bytesFetched)
    #expect(bytes > 5_000 && bytes < Self.bytesMax, "\(bytes) bytes for \(asked)")
    print("the order page takes \(bytes) bytes over the wire")
    #expect(asked.contains { $0 == "ws://\(sevk.live)\(path)/ws" } && asked.contains { $0.contains("logo?v=") })
    #expect(asked.allSatisfy { $0.contains("://\(sevk.live)/o/") || $0 == "data:," }, "\(asked)")

    // It goes on by itself, and is the same page.
    _ = try await page.text("window.isSame = true")
    try sevk.require("worker", ["queue", "resume", "dispatch"])
    try await page.until("document.getElementById('state').dataset.status === 'completed'")
    #expect(try await page.isTrue("window.isSame === true && document.getElementById('cancel') === null"))
    #expect(try await page.isTrue("!document.getElementById('story').textContent.includes('UTC')"))

    let pin = try #require(try await sevk.call("GET", "/v1/orders/\(id)?include=pin").json["pin"] as? String)
    #expect(try await page.isTrue("!document.documentElement.outerHTML.includes('\(pin)')"))
    _ = try await page.text("document.querySelector('#pin button').click()")
    try await page.until("document.querySelector('#pin code')")
    #expect(try await page.text("document.querySelector('#pin code').textContent") == pin)
    #expect(try await page.isTrue("document.getElementById('story').textContent.includes('was shown')"))
    // What was typed is not lost by what comes meanwhile, nor is the code.
    _ = try await page.text("document.querySelector('textarea').focus()")
    try await page.type("çok iyi")
    _ = try await page.text("document.dispatchEvent(new Event('visibilitychange'))")
    try await page.keepPicture("order-page-pin")
    _ = try await page.text("document.querySelectorAll('[name=stars]')[3].click()")
    _ = try await page.text("document.querySelector('#rating button').click()")
    try await page.until("document.querySelector('#rating .given')")
    #expect(try await page.text("document.getElementById('rating').textContent").contains("çok iyi"))
    #expect(try await page.text("document.getElementById('news').textContent") == "Thank you!")
    #expect(try await sevk.page(path).json["rating"] is [String: Any])
    #expect(await page.complaints == [])
    await browser.stop()
    await sevk.stop()
  }

  @Test func everybodyCanReadIt() async throws {
    let (sevk, browser) = try await start()
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    let path = try await sevk.pagePath(id)
    let page = try await browser.page()
    for language in ["en", "tr", "ar", "ru", "uk"] {
      try await page.speak("\(language)-XX,\(language);q=0.9,en;q=0.1")
      for (width, scheme) in [(320, "light"), (320, "dark"), (900, "light"), (900, "dark")] {
        try await page.resize(width, 700, isPhone: width == 320)
        try await page.prefer(scheme)
        try await page.open("http://\(sevk.live)\(path)")
        #expect(try await page.text("document.documentElement.lang") == language)
        #expect(try await page.text("getComputedStyle(document.body).direction") == (language == "ar" ? "rtl" : "ltr"))
        #expect(try await page.isTrue(DashboardTests.fits), "\(language) \(width)")
        #expect(try await page.text(DashboardTests.pale) == "", "\(language) \(scheme)")
        try await page.keepPicture("order-page-\(language)-\(scheme)-\(width)")
      }
    }
    // The switch is stronger than the browser.
    try await page.open("http://\(sevk.live)\(path)?lang=tr")
    #expect(try await page.text("document.querySelector('h1').textContent") == "Siparişiniz")
    #expect(try await page.isTrue("document.querySelector('#pin form').action.endsWith('/pin?lang=tr')"))
    // Every stop of the keyboard shows that it is one.
    for _ in 0..<4 {
      try await page.press("Tab")
      #expect(
        try await page.isTrue(
          "[document.activeElement, document.activeElement.closest('label')].some("
            + "(e) => e && getComputedStyle(e).outlineStyle === 'solid')"))
    }
    #expect(await page.complaints == [])
    await browser.stop()
    await sevk.stop()
  }

  @Test func withoutAScriptItSaysTheTruth() async throws {
    let (sevk, browser) = try await start()
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    let path = try await sevk.pagePath(id)
    let pin = try #require(try await sevk.call("GET", "/v1/orders/\(id)?include=pin").json["pin"] as? String)
    let page = try await browser.page()
    try await page.allowScripts(false)
    try await page.open("http://\(sevk.live)\(path)")
    func html() async throws -> String { try await page.source() }
    #expect(try await html().contains("data-status=\"completed\""))
    try await page.click("#pin button")
    try await Waiting.until("the PIN is there", within: .seconds(20)) {
      try await page.source().contains(">\(pin)</code>")
    }
    #expect(try await html().contains(" UTC</time>"))
    try await page.click("[name=stars][value=\"5\"]")
    try await page.click("#rating button")
    try await Waiting.until("it is rated", within: .seconds(20)) { try await page.source().contains("Thank you!") }
    #expect(try await html().contains("★★★★★"))
    #expect(try await sevk.page(path).json["rating"] is [String: Any])
    await browser.stop()
    await sevk.stop()
  }
}
