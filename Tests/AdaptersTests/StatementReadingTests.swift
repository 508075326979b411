import Orders
import Testing

@testable import Adapters

/// What Reloadly's and DT One's lists say of what they booked.
@Suite struct StatementReadingTests {
  private static let topUps = ProviderAccount(
    id: 1, name: "airtime", adapter: "reloadly", baseURL: "https://topups.reloadly.com/",
    credentials: ["audience": "topups"])
  private static let cards = ProviderAccount(
    id: 2, name: "cards", adapter: "reloadly", baseURL: "https://giftcards.reloadly.com",
    credentials: ["audience": "giftcards"])
  private static let dtone = ProviderAccount(
    id: 3, name: "dtone", adapter: "dtone", baseURL: "https://dvs-api.dtone.com",
    credentials: ["key": "k-77", "secret": "s-88"])
  /// 2026-11-01T00:00:00Z.
  private static let since: Int64 = 1_793_491_200_000

  private static func page(_ rows: String..., total: String = "1", more: String = "") -> WireReply {
    reply(#"{"content":[\#(rows.joined(separator: ","))],"totalElements":\#(total)\#(more)}"#)
  }

  private static func list(_ rows: String..., head: [(String, String)] = [("X-Total", "1")]) -> WireReply {
    var reply = reply("[\(rows.joined(separator: ","))]")
    reply.headers = head.map { (name: $0.0, value: $0.1) }
    return reply
  }

  private static func topUp(
    _ status: String = "SUCCESSFUL", identifier: String = #""123456789012345678""#, id: String = "4602843",
    money: String = #"{"cost":4.55,"currencyCode":"USD"}"#, date: String = #""2026-11-02 08:13:39""#
  ) -> String {
    #"{"transactionId":\#(id),"status":"\#(status)","customIdentifier":\#(identifier),"operatorId":535,"#
      + #""recipientPhone":447951631337,"transactionDate":\#(date),"pinDetail":null,"balanceInfo":\#(money)}"#
  }

  private static func transaction(
    _ number: Int = 7, _ status: String = "COMPLETED", identifier: String = #""123456789012345678""#,
    id: String = "2237456701", price: String = #"{"amount":4.5,"fee":0.1,"unit":"USD"}"#,
    date: String = #""2026-11-02T08:13:39.123456789Z""#
  ) -> String {
    #"{"id":\#(id),"external_id":\#(identifier),"creation_date":\#(date),"#
      + #""status":{"id":\#(number)0000,"message":"\#(status)","class":{"id":\#(number),"message":"\#(status)"}},"#
      + #""pin":null,"prices":{"wholesale":\#(price)}}"#
  }

  @Test func aTimeIsAskedForPageByPage() {
    let until = Self.since + 86_400_000
    let first = Reloadly().statement(since: Self.since, until: until, page: nil, account: Self.topUps)
    #expect(
      first.url == "https://topups.reloadly.com/topups/reports/transactions?page=1&size=200"
        + "&startDate=2026-10-30%2012%3A00%3A00&endDate=2026-11-03%2012%3A00%3A00")
    #expect(first.authentication == .token() && first.redacted.hasPrefix("GET /topups/reports/transactions?page=1"))
    let card = Reloadly().statement(since: Self.since, until: until, page: "3", account: Self.cards)
    #expect(card.url.hasPrefix("https://giftcards.reloadly.com/reports/transactions?page=3&"))
    let dtone = DTOne().statement(since: Self.since + 1, until: until, page: "2", account: Self.dtone)
    #expect(
      dtone.url == "https://dvs-api.dtone.com/v1/transactions?from_date=2026-11-01T00%3A00%3A00Z"
        + "&to_date=2026-11-02T00%3A00%3A01Z&page=2&per_page=100")
    #expect(!dtone.redacted.contains("k-77") && !dtone.redacted.contains("s-88"))
  }

  @Test func aLineSaysWhatWasBookedAndWhen() throws {
    let line = try #require(try Reloadly().readStatement(Self.page(Self.topUp()), page: nil).lines.first)
    #expect(
      line
        == .init(
          reference: "123456789012345678", providerID: "4602843", amount: Money(parsing: "4.55"), currency: "USD",
          status: "SUCCESSFUL", meaning: .delivered, at: Timestamp.milliseconds("2026-11-02T08:13:39Z")))
    let other = try #require(try DTOne().readStatement(Self.list(Self.transaction()), page: nil).lines.first)
    #expect(
      other
        == .init(
          reference: "123456789012345678", providerID: "2237456701", amount: Money(parsing: "4.60"), currency: "USD",
          status: "COMPLETED", meaning: .delivered, at: Timestamp.milliseconds("2026-11-02T08:13:39.123Z")))
    // Amounts as texts, as some servers write numbers.
    let text = Self.topUp(money: #"{"cost":"4.55","currencyCode":"USD"}"#)
    #expect(try Reloadly().readStatement(Self.page(text), page: nil).lines.first?.amount == Money(parsing: "4.55"))
    // The documents' own example has none.
    let none = try Reloadly().readStatement(Self.page(Self.topUp(money: "null")), page: nil).lines.first
    #expect(none?.amount == nil && none?.isDamaged == false)
  }

  /// Each row of the contract that is a transaction means on a list what it means in answer to a question.
  @Test func whatARowMeansStandsInTheContract() throws {
    var count = 0
    for row in Reloadly.contract.rows where row.on == .query {
      guard case .list(let rows)? = WireJSON(Array(row.sample.utf8))?["content"], let sample = rows.first else {
        continue
      }
      let line = try Reloadly().readStatement(Self.page(sample.written), page: nil).lines.first
      #expect(Self.isSaid(row.means, line), "\(row.sample)")
      count += 1
    }
    for row in DTOne.contract.rows where row.on == .query {
      guard case .list(let rows)? = WireJSON(Array(row.sample.utf8)), let sample = rows.first else { continue }
      let line = try DTOne().readStatement(Self.list(sample.written), page: nil).lines.first
      #expect(Self.isSaid(row.means, line), "\(row.sample)")
      count += 1
    }
    #expect(count == 20, "\(count)")
  }

  /// With a code, without one, or with one to be asked for: on a list that is all the same.
  private static func isSaid(_ means: AnswerMeaning, _ line: StatementPage.Line?) -> Bool {
    switch means {
    case .completed, .completedWithoutPin, .step: line?.meaning == .delivered && line?.isBooked == true
    case .cancelled: line?.meaning == .cancelled && line?.isBooked == true
    case .waiting: line?.meaning == .waiting && line?.isBooked == true
    case .notFound: line?.isBooked == false
    default: false
    }
  }

  @Test func aWordThatNobodyDescribedMeansNothing() throws {
    let line = try Reloadly().readStatement(Self.page(Self.topUp("ON_HOLD")), page: nil).lines.first
    #expect(line?.status == "ON_HOLD" && line?.meaning == nil && line?.isBooked == true)
    let other = try DTOne().readStatement(Self.list(Self.transaction(6, "SUSPENDED")), page: nil).lines.first
    #expect(other?.status == "SUSPENDED" && other?.meaning == nil && other?.isBooked == true)
    // The number of one class and the name of another.
    let mixed = Self.transaction(9, "COMPLETED")
    #expect(try DTOne().readStatement(Self.list(mixed), page: nil).lines.first?.meaning == nil)
  }

  /// What can't be read is seen to be so; what can be read of the line still stands there.
  @Test func aLineThatIsNotWholeIsDamaged() throws {
    for row in [
      Self.topUp(identifier: "123456789012345678"), Self.topUp(identifier: #""\u0000""#),
      Self.topUp(identifier: "\"\(String(repeating: "1", count: 201))\""), Self.topUp(id: #""x""#),
      Self.topUp(money: #"{"cost":"4,555.1.2"}"#), Self.topUp(money: #"{"cost":{}}"#), Self.topUp(date: "null"),
      Self.topUp(date: #""yesterday""#), "{}", "7",
    ] {
      let line = try Reloadly().readStatement(Self.page(row), page: nil).lines.first
      #expect(line?.isDamaged == true, "\(row)")
    }
    for row in [
      Self.transaction(identifier: "{}"), Self.transaction(id: "-1"), Self.transaction(date: #""2026-11-02""#),
      Self.transaction(price: #"{"amount":4.5,"fee":"?"}"#), "null",
    ] {
      let line = try DTOne().readStatement(Self.list(row), page: nil).lines.first
      #expect(line?.isDamaged == true, "\(row)")
    }
    // Somebody else's, by hand on the site.
    let foreign = try Reloadly().readStatement(Self.page(Self.topUp(identifier: "null")), page: nil).lines.first
    #expect(foreign?.reference == nil && foreign?.providerID == "4602843" && foreign?.isDamaged == false)
  }

  @Test func thereIsANextPageAsLongAsThePagesSaySo() throws {
    let row = Self.topUp()
    #expect(try Reloadly().readStatement(Self.page(row, total: "401"), page: "2").next == "3")
    #expect(try Reloadly().readStatement(Self.page(row, more: #","totalPages":3"#), page: "2").next == "3")
    let last = try Reloadly().readStatement(Self.page(row, total: "401", more: #","totalPages":3"#), page: "3")
    #expect(last.next == nil && last.total == 401)
    let head = [("x-total", "201"), ("X-Total-Pages", "3"), ("X-Page", "2")]
    let page = try DTOne().readStatement(Self.list(Self.transaction(), head: head), page: "2")
    #expect(page.next == "3" && page.total == 201)
    #expect(try DTOne().readStatement(Self.list(head: [("X-Total", "0")]), page: nil).lines.isEmpty)
  }

  @Test func whatIsNotThatPageIsNone() {
    for reply in [
      reply("[]"), reply("{}"), reply(#"{"content":[]}"#), reply(#"{"content":{},"totalElements":0}"#), reply(""),
      reply("<html></html>"), reply(#"{"content":[],"totalElements":1"#), reply(#"{"content":[],"totalElements":-1}"#),
      reply(#"{"content":[],"totalElements":0}"#, status: 500),
      reply(#"{"errorCode":"INVALID_TOKEN","message":"The token is 77-no"}"#, status: 401),
    ] {
      #expect(throws: StatementError.self, "\(reply)") { _ = try Reloadly().readStatement(reply, page: nil) }
    }
    for reply in [
      reply("[]"), Self.list(head: [("X-Total", "")]), Self.list(head: [("X-Total", "1"), ("X-Total", "2")]),
      Self.list(head: [("X-Total", "0"), ("X-Page", "2")]), reply(#"{"errors":[]}"#),
      reply(#"{"errors":[{"code":1000400,"message":"Bad Request"}]}"#, status: 400),
    ] {
      #expect(throws: StatementError.self, "\(reply)") { _ = try DTOne().readStatement(reply, page: nil) }
    }
  }
}
