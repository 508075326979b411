import Orders
import Store
import Testing

@testable import CustomerPage

@Suite struct PageHTMLTests {
  /// What the policy of the page refuses, or would be fetched from elsewhere.
  private static let inline = [
    " style=", "<style", " onclick", " onload", "javascript:", "<script>", "http://", "https://", "//",
  ]

  private func page(_ view: PageView, _ language: PageLanguage = .english) -> String {
    Sample.html(language).page(view).replacing("http://www.w3.org/2000/svg", with: "")
  }

  @Test func eachStatusIsToldInEachLanguageAndNothingIsInline() {
    for status in Status.allCases {
      for language in PageLanguage.allCases {
        let words = PageWords(language: language)
        let view = Sample.view(
          Sample.order(status), story: [PageStep(.status(status), time: "2026-11-30T08:00:00.000Z")])
        let page = page(view, language)
        #expect(page.contains(words["s.\(status.rawValue)"]) && page.contains(words["t.\(status.rawValue)"]))
        #expect(page.contains("<html lang=\"\(language.rawValue)\" dir=\"\(language.direction)\">"))
        for bad in Self.inline { #expect(!page.contains(bad), "\(bad) in the page of \(status)") }
        #expect(page.contains("Ayşe &amp; &lt;Co&gt;") && page.contains("shop-&lt;1&gt;") && !page.contains("<Co>"))
      }
    }
  }

  @Test func whatCanBeDoneHangsOnTheStatus() {
    func has(_ act: String, _ view: PageView) -> Bool { page(view).contains("action=\"/o/TOKEN/\(act)\"") }
    for status in Status.allCases {
      let mayCancel: Set<Status> = [.pending, .sending, .sent, .unresolved, .held]
      #expect(has("cancel", Sample.view(Sample.order(status))) == mayCancel.contains(status), "\(status)")
      #expect(!has("cancel", Sample.view(Sample.order(status, claimed: true))), "once is enough")
      #expect(has("rating", Sample.view(Sample.order(status))) == (status == .completed))
      #expect(has("pin", Sample.view(Sample.order(status, hasPin: true))) == (status == .completed))
      #expect(!has("pin", Sample.view(Sample.order(status))))
    }
    let rated = Sample.view(Sample.order(.completed), rating: OrderRating(stars: 4, text: "<b>good</b>"))
    #expect(!has("rating", rated))
    #expect(page(rated).contains("★★★★☆") && page(rated).contains("&lt;b&gt;good&lt;/b&gt;"))
    let off = TenantPage(tenant: "shop", showsPin: false)
    let hidden = Sample.view(Sample.order(.completed, hasPin: true), shop: off)
    #expect(!has("pin", hidden) && page(hidden).contains("You get the code from the shop itself"))
    let contested = Sample.view(Sample.order(.contested, hasPin: true))
    #expect(page(contested).contains("not shown while the order is being checked"))
    let claimed = Sample.view(Sample.order(.sent, claimed: true))
    #expect(page(claimed).contains("If it can still be stopped"))
  }

  @Test func whatAPartnerAddsIsShown() throws {
    var fulfilment = OrderFulfilment()
    fulfilment.stage = "ready"
    (fulfilment.handoverCode, fulfilment.partnerName) = ("K7WX-94PQ", "Veli <Usta>")
    fulfilment.partnerPhone = "+905551234567"
    let view = Sample.view(Sample.order(.sent), fulfilment: fulfilment)
    let page = page(view)
    #expect(page.contains("<b>Ready</b>") && page.contains(">K7WX-94PQ</code>") && page.contains("Veli &lt;Usta&gt;"))
    #expect(page.contains("<svg") && page.contains("href=\"tel:+905551234567\""))
    #expect(view.stage(PageWords(language: .arabic)) == "جاهز" && !view.isAsked && view.cancellation == "cancel.no")
    var asked = fulfilment
    (asked.stage, asked.isCancelAsked) = ("newer", true)
    let late = Sample.view(Sample.order(.sent), fulfilment: asked)
    #expect(late.stage(PageWords(language: .arabic)) == "newer" && late.cancellation == "cancel.asked")
    asked.stage = "offered"
    #expect(Sample.view(Sample.order(.sent), fulfilment: asked).next == "n.offered")
    #expect(Sample.view(Sample.order(.sent, claimed: true), fulfilment: asked).next == "n.claimed")
    let json = PageJSON.text(view, PageWords(language: .english))
    #expect(json.contains("\"stage\":\"ready\"") && json.contains("\"handover_code\":\"K7WX-94PQ\""))
    // Once it was handed over, the code is nobody's business.
    let done = Sample.view(Sample.order(.completed), fulfilment: fulfilment)
    #expect(!self.page(done).contains("K7WX-94PQ"))
  }

  @Test func thePastIsToldOnceEach() {
    let story = [Status.pending, .sending, .pending, .sending, .sent, .completed].enumerated().map {
      PageStep(.status($1), time: "2026-11-30T08:00:0\($0).000Z")
    }
    let view = Sample.view(
      Sample.order(.completed), story: story + [PageStep(.pinShown, time: "2026-11-30T09:00:00.000Z")])
    #expect(view.told.map(\.key) == ["t.pending", "t.sending", "t.sent", "t.completed", "t.pin_shown"])
    #expect(page(view).contains("<time dir=\"auto\" datetime=\"2026-11-30T09:00:00.000Z\">2026-11-30 09:00 UTC</time>"))
  }

  @Test func theColourIsTheShopsAndIsRead() {
    func css(_ colour: String?) -> String { String(decoding: PageStyle.css(colour: colour).prefix(40), as: UTF8.self) }
    #expect(css("ffe600").hasPrefix(":root{--brand:#ffe600;--on:#000}"))
    #expect(css("1A237E").hasPrefix(":root{--brand:#1a237e;--on:#fff}"))
    for bad in [nil, "", "fff", "red;}a{", "12345g", "1234567"] {
      #expect(css(bad).hasPrefix(":root{--brand:#0b57d0;--on:#fff}"), "\(bad ?? "none")")
    }
    let shop = TenantPage(tenant: "shop", colour: "#2b6cb0", logo: .init(.png, [1, 2, 3]))
    let page = Sample.html().page(Sample.view(Sample.order(.sent), shop: shop))
    #expect(page.contains("&amp;c=2b6cb0\"") && page.contains("<img src=\"/o/TOKEN/logo?v="))
  }

  @Test func anAddressHasTwoPartsAtMost() {
    #expect(PageAddress("/o/abc")?.token == "abc" && PageAddress("/o/abc")?.rest == nil)
    #expect(PageAddress("/o/abc/pin")?.rest == "pin")
    for bad in ["/o", "/v1/o/abc", "/o/abc/pin/x", "/o/" + String(repeating: "x", count: 44)] {
      #expect(PageAddress(bad) == nil, "\(bad)")
    }
    #expect(PageAddress.path(of: "https://live.shop.example") == "")
    #expect(PageAddress.path(of: "https://shop.example/live/x") == "/live/x")
  }
}
