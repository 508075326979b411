import Cipher
import EventLoop
import Foundation
import Glibc
import HTTPServer
import Orders
import Postgres
import PrivateServers
import Redis
import TestSupport
import Testing

/// No secret is anywhere but where it belongs: whatever fails, however it is escaped.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct SecretsTests {
  private static let login = [TestSecret("kod"), TestSecret("sifre")]
  private static let redisPassword = TestSecret("password of Redis")
  static let databasePassword = TestSecret("password of PostgreSQL")
  static let wrong = TestSecret("wrong password")
  private static let header = TestSecret("header of the collector")
  static let key = TestSecret(
    "secret key", text: Data((0..<32).map { _ in .random(in: 0...255) }).base64EncodedString())

  private static let bot = TestSecret("token of a bot", between: "_")
  private static let texts = TestSecret("password of SMSC")
  private static let mailbox = TestSecret("password of a mailbox")

  /// An endpoint's own, which the shop brings.
  private static let webhook = TestSecret(
    "webhook secret", text: Data((0..<32).map { _ in .random(in: 0...255) }).base64EncodedString())

  @Test func noSecretIsAnywhere() async throws {
    // A panel's PIN may hold anything but the bar between the fields.
    let panel = EchoPanel(login: Self.login, pin: TestSecret("PIN"))
    let pinByHand = TestSecret("PIN by hand")
    let pinByAPI = TestSecret("PIN by the API")
    let code = TestSecret("code of a stock", between: "-")
    let (sevk, collector) = try await install(panel)
    // Its beginning is shown on purpose, so that people can tell tokens apart: `sevk_` and eight characters.
    let token = TestSecret("token", text: String(sevk.token.dropFirst(13)))
    let hunt = SecretHunt(
      Self.login + [
        Self.redisPassword, Self.databasePassword, Self.wrong, Self.header, Self.key, token, panel.pin, pinByHand,
        pinByAPI,
        Self.webhook, code, Self.bot, Self.texts, Self.mailbox,
      ])

    let parrot = try await addChannels(sevk)
    try failToStart(sevk)
    try await startAllTwice(sevk)
    var answers = ""
    // Nobody listens there, so that attempts fail and are written down.
    sevk.endpointToken = try sevk.createToken("endpoints:write,pins:read")
    let hook = try await sevk.call(
      "PUT", "/v1/endpoints/books",
      body:
        #"{"url":"http://127.0.0.1:\#(try FreePort.find())/","types":["*"],"secret":"whsec_\#(Self.webhook.text)"}"#,
      token: sevk.endpointToken)
    #expect(hook.status == 201 && hook.text.contains(Self.webhook.text))
    let receiver = try await receiveSealed(panel.pin, sevk)
    var ids: [EchoPanel.Fault: String] = [:]
    for fault in EchoPanel.Fault.allCases {
      let answer = try await sevk.call(
        "POST", "/v1/orders", body: Installation.order(player: fault.rawValue, product: "echo"), key: "\(fault)")
      answers += answer.text
      ids[fault] = try #require(answer.json["id"] as? String)
    }
    answers += try await loseServers(sevk)
    let held = try #require(ids[.stays])
    _ = try await sevk.timeline(of: held) { $0.last == "unresolved" }
    let pinFile = try file(pinByHand.text)
    let done = try sevk.command(
      "worker",
      ["order", "resolve", held, "--completed", "--pin-file", pinFile, "--note", "seen on the panel", "--yes"])
    #expect(done.code == 0, "\(done.errors)")
    answers += try await resolveByAPI(pinByAPI, sevk)
    let events = try await sevk.settled(Array(ids.values))
    answers += try await giveCode(code, sevk)
    // What asks about it once more hears the PIN again.
    answers += try await sevk.call("POST", "/v1/orders/\(ids[.none] ?? "")/ask").text
    answers += try await sevk.call("POST", "/v1/orders/\(ids[.none] ?? "")/refund-claim").text
    while try await sevk.rows("SELECT 'x' FROM second_looks").isEmpty == false { try Task.checkCancellation() }

    for id in ids.values {
      for words in [["show"], ["show", "--json"], ["timeline"], ["timeline", "--json"], ["why"]] {
        _ = try sevk.command("worker", ["order", words[0], id] + words.dropFirst())
      }
      for path in ["", "/timeline"] { answers += try await sevk.call("GET", "/v1/orders/\(id)\(path)").text }
    }
    _ = try sevk.command("worker", ["job", "show", held])
    for words in [["list", "--json"], ["show", "books"], ["show", "books", "--json"]] {
      try sevk.require("worker", ["endpoint"] + words)
    }
    answers += try await sevk.call("GET", "/v1/endpoints/books", token: sevk.endpointToken).text
    answers += try await sevk.call("GET", "/v1/endpoints/books/deliveries", token: sevk.endpointToken).text
    try showEverything(sevk)
    answers += try await sevk.call("GET", "/metrics").text + sevk.call("GET", "/v1/orders").text
    answers += try await sevk.call("GET", "/v1/orders", token: sevk.token + "x").text

    // All of it was in play.
    #expect(panel.logins.isSuperset(of: Self.login.map(\.text)))
    #expect(collector.authorizations == ["Bearer \(Self.header.text)"] && !collector.spans.isEmpty)
    for (fault, pin) in [(EchoPanel.Fault.none, panel.pin), (.stays, pinByHand)] {
      let answer = try await sevk.call("GET", "/v1/orders/\(ids[fault] ?? "")?include=pin")
      #expect(answer.json["pin"] as? String == pin.text, "\(answer.text)")
    }

    // A shop does not learn whom its orders go to; ops find it in the timeline.
    let address = try #require(panel.address)
    let streams = try await dumpRedis(sevk).split(separator: "\n").filter { $0.contains("sevk.order.") }
    #expect(streams.count { $0.contains("echo") } >= events.count * 2, "the tenant's own stream is looked into as well")
    for (place, text) in [("the API", answers), ("a stream", streams.joined(separator: "\n"))] {
      #expect(!text.contains(address), "\(place) names the provider's address: \(text)")
    }
    // What names it was quoted: without the name, or without the digits that may be a PIN.
    #expect(answers.contains("“the provider") || answers.contains("“••••"), "\(answers)")
    let player = EchoPanel.Fault.silence.rawValue
    let lost = try await sevk.call(
      "POST", "/v1/orders", body: Installation.order(player: player, product: "echo"), key: "silent-again")
    let silent = try #require(lost.json["id"] as? String, "\(lost.text)")
    _ = try await sevk.timeline(of: silent) { $0.contains("unresolved") }
    let story = try sevk.require("worker", ["order", "timeline", silent])
    #expect(story.contains(address), "\(story)")

    // What people are told holds no PIN; what services print of us is kept without what they were given.
    let told = parrot.posts()
    for channel in ["bot", "sms"] {
      #expect(try sevk.require("worker", ["notice", "list", "--json"]).contains("\"channel\":\"\(channel)\""))
    }
    #expect(told.contains { $0.path.contains(Self.bot.text) } && told.contains { $0.path == "/sys/send.php" })
    for words in [
      ["channel", "list", "--json"], ["notify", "list", "--json"], ["channel", "test", "bot", "--to", "1"],
    ] {
      _ = try sevk.command("dispatcher", words)
    }
    let pins = SecretHunt([panel.pin, pinByHand, pinByAPI, code])
    #expect(told.flatMap { pins.findings(in: "what people are told", $0.body) } == [])
    await parrot.stop()

    let posts = receiver.posts().map(\.body)
    #expect(posts.contains { $0.contains("pin_sealed") })
    answers += try await sevk.call("GET", "/v1/endpoints/sealed/deliveries", token: sevk.endpointToken).text
    try sevk.require("worker", ["endpoint", "show", "sealed", "--json"])
    let words = [
      "answers of the API": answers, "events": events.map(\.text).joined(), "spans": collector.text,
      "posts": posts.joined(),
    ]
    let pages = SecretHunt(try await usePages([ids[.none], ids[.stays]].compactMap(\.self), pin: panel.pin, sevk))
    // Who may read PINs is given the link, there and nowhere else.
    var linkless = words
    linkless["answers of the API"] = answers.replacing(/"page_url":"[^"]*"/, with: "")
    let found = try await findings(hunt, sevk, words) + findings(pages, sevk, linkless)
    #expect(found == [], "\(found.joined(separator: "\n"))")
    try await checkThatHuntingFinds(hunt, sevk)
    await sevk.stop()
    await panel.stop()
    await collector.stop()
    await receiver.stop()
  }

  /// Services that print what they are sent in every form, and people who are told of everything.
  private func addChannels(_ sevk: Installation) async throws -> Receiver {
    let parrot = Receiver()
    try await parrot.start()
    parrot.answers { path in
      // What it was sent: it knows nothing of the other.
      let sent = path.contains(Self.bot.text) ? Self.bot : Self.texts
      let forms = sent.escaped.joined(separator: " ")
      let text =
        #"{"ok":false,"error_code":400,"description":\#(forms.jsonQuoted),"error":\#(forms.jsonQuoted)}"#
      return HTTPResponse(status: 400, body: Array(text.utf8))
    }
    let base = String(parrot.url("").dropLast())
    let nobody = "smtp://127.0.0.1:\(try FreePort.find())"
    for (name, adapter, url, credentials) in [
      ("bot", "telegram", base, ["token=77:\(Self.bot.text)"]),
      ("sms", "smsc", base, ["login=shop", "password=@\(try file(Self.texts.text))"]),
      ("mail", "email", nobody, ["from=a@b.example", "username=shop", "password=@\(try file(Self.mailbox.text))"]),
    ] {
      try sevk.require(
        "dispatcher",
        ["channel", "add", name, "--adapter", adapter, "--base-url", url]
          + credentials.flatMap { ["--credential", $0] })
      let types = ["created", "sent", "unresolved", "held", "completed", "failed", "contested"]
      let address = ["bot": "-100", "sms": "+905551234567", "mail": "ops@mail.example"][name] ?? ""
      try sevk.require(
        "dispatcher",
        ["notify", "add", "--tenant", "shop", "--to", "ops", "--channel", name, "--address", address]
          + types.flatMap { ["--on", "order.\($0)"] })
    }
    return parrot
  }

  /// A shop that has PINs posted, sealed, whose receiver opens them and prints them in every form.
  private func receiveSealed(_ pin: TestSecret, _ sevk: Installation) async throws -> Receiver {
    let receiver = Receiver()
    try await receiver.start()
    let forms = pin.escaped.joined(separator: "\n")
    receiver.answers { _ in HTTPResponse(status: 500, body: Array(forms.utf8)) }
    let key = Base64.encode(SealedBox.publicKey(of: RandomBytes.make(SealedBox.keyBytes)))
    try await sevk.putEndpoint(
      "sealed", receiver.url("sealed"), more: #","types":["sevk.order.completed"],"sealed_to":"\#(key)""#)
    return receiver
  }

  /// Somebody settles an order over HTTP, and tries with the PIN in the note first; what was answered.
  private func resolveByAPI(_ pin: TestSecret, _ sevk: Installation) async throws -> String {
    let boss = try sevk.createToken("orders:resolve")
    let posted = try await sevk.call(
      "POST", "/v1/orders", body: Installation.order(player: EchoPanel.Fault.stays.rawValue, product: "echo"),
      key: "by-api")
    let id = try #require(posted.json["id"] as? String, "\(posted.text)")
    _ = try await sevk.timeline(of: id) { $0.last == "unresolved" }
    func body(_ note: String) throws -> String {
      let members: [String: Any] = ["completed": true, "pin": pin.text, "note": note]
      return String(decoding: try JSONSerialization.data(withJSONObject: members), as: UTF8.self)
    }
    let path = "/v1/orders/\(id)/resolve"
    let leaky = try await sevk.call("POST", path, body: try body("it was \(pin.text)"), token: boss)
    #expect(leaky.status == 422, "\(leaky.text)")
    let done = try await sevk.call("POST", path, body: try body("seen on the panel"), token: boss)
    #expect(done.status == 200, "\(done.text)")
    let moves = try await sevk.call("GET", "/v1/orders/\(id)/moves")
    return posted.text + leaky.text + done.text + moves.text
  }

  // MARK: The installation

  private func install(_ panel: EchoPanel) async throws -> (Installation, SpanCollector) {
    let collector = SpanCollector()
    let sevk = try await Installation.make(
      environment: [
        "SEVK_LOG_LEVEL": "debug", "SEVK_SECRET_KEY": Self.key.text, "SEVK_CHECK_DEADLINE": "60s",
        "OTEL_EXPORTER_OTLP_ENDPOINT": try await collector.start(), "OTEL_BSP_SCHEDULE_DELAY": "10",
        "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20\(Self.header.encoded)",
      ], ownPostgres: true, redisPassword: Self.redisPassword)
    // The command that made the token printed it, and must.
    for output in try sevk.outputs() where try String(contentsOfFile: output, encoding: .utf8).contains(sevk.token) {
      try FileManager.default.removeItem(atPath: output)
    }
    try await sevk.postgres.createSecuredUser()
    try await setPassword(Self.databasePassword, sevk)
    sevk.setEnvironment("SEVK_DATABASE_URL", url(sevk, Self.databasePassword.encoded))
    let url = try await panel.start()
    // By a flag, as a hasty person does, and from a file.
    try sevk.require(
      "dispatcher",
      [
        "provider", "add", "echo", "--adapter", "znet", "--base-url", url, "--timeout", "1s", "--credential",
        "kod=\(Self.login[0].text)", "--credential", "sifre=\(Self.wrong.text)",
      ])
    try sevk.require(
      "dispatcher", ["provider", "set", "echo", "--credential", "sifre=@\(try file(Self.login[1].text))"])
    try sevk.addRoute("echo", to: "echo")
    return (sevk, collector)
  }

  func url(_ sevk: Installation, _ password: String) -> String {
    let database = sevk.databaseURL.split(separator: "@/").last?.prefix { $0 != "?" } ?? ""
    return sevk.postgres.tcpURL(password: password, database: String(database))
  }

  func setPassword(_ secret: TestSecret, _ sevk: Installation) async throws {
    let quoted = secret.text.replacing("'", with: "''")
    let pool = PostgresPool(url: sevk.postgres.url, connectionsMax: 1)
    // One after the other: who is back before the first is committed would still get in with the old one.
    try await pool.script("ALTER ROLE \(PrivatePostgres.user) SUPERUSER PASSWORD '\(quoted)'")
    try await pool.script(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '\(PrivatePostgres.user)'")
    await pool.close()
  }

  /// A file with a secret in it, apart from what the programs write.
  private func file(_ secret: String) throws -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("sevk-\(UUID().uuidString).txt").path
    try (secret + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }
}

extension SecretsTests {
  /// A customer uses the pages of orders, in every way and wrongly; their tokens, which only the API tells to who may read PINs. Of each
  /// what no other has: the order's id, with which it begins, is no secret.
  fileprivate func usePages(_ ids: [String], pin: TestSecret, _ sevk: Installation) async throws -> [TestSecret] {
    try await sevk.start("gateway")
    var secrets: [TestSecret] = []
    for id in ids {
      let path = try await sevk.pagePath(id)
      let token = path.dropFirst(3)
      secrets.append(TestSecret("token of a page", text: String(token.suffix(20))))
      let answers = [
        try await sevk.page(path), try await sevk.page(path, accept: "text/html"),
        try await sevk.customer(path, "rating", "nonsense"), try await sevk.customer(path, "rating", #"{"stars":5}"#),
        try await sevk.customer(path, "cancel"), try await sevk.page("\(path)/ws"), try await sevk.page("\(path)/none"),
        try await sevk.page("/o/x\(token.dropFirst())"), try await sevk.page("\(path)%00"),
      ]
      #expect(!answers.contains { $0.status >= 500 })
      #expect(!answers.contains { $0.text.contains(pin.text) })
      #expect(try await sevk.customer(path, "pin").status == 200)
      for words in [["show"], ["show", "--json"], ["timeline", "--json"], ["why"]] {
        _ = try sevk.command("worker", ["order", words[0], id] + words.dropFirst())
      }
    }
    _ = try await sevk.events { $0.contains { $0.type == "sevk.order.rated" } }
    #expect(try await sevk.page("/metrics").text.contains("sevk_order_page_acts_total"))
    return secrets
  }

  /// Gives an order a code of a stock, after files with mistakes that quote none of it.
  fileprivate func giveCode(_ code: TestSecret, _ sevk: Installation) async throws -> String {
    try sevk.require("dispatcher", ["provider", "add", "own", "--adapter", "stock"])
    try sevk.require(
      "dispatcher",
      ["route", "add", "--tenant", "shop", "--product", "gift", "--provider", "own", "--param", "product=gift-10"])
    for (lines, isGood) in [
      ("\(code.text)\n", false), ("code,cost\n\(code.text),x\n", false), ("code\n\(code.text)\n\(code.text)\n", false),
      ("code\n\(code.text)\n", true), ("code,serial\n\(code.text),1\n", false),
    ] {
      let added = try sevk.command("worker", ["stock", "add", "gift-10", "--file", try file(lines)])
      #expect((added.code == 0) == isGood, "\(added.errors)")
    }
    let answer = try await sevk.call("POST", "/v1/orders", body: #"{"product":"gift","fields":{}}"#, key: "gift")
    let id = try #require(answer.json["id"] as? String, "\(answer.text)")
    try await sevk.settled([id])
    let order = try await sevk.call("GET", "/v1/orders/\(id)?include=pin").json
    #expect(order["pin"] as? String == code.text)
    for words in [["show"], ["timeline", "--full"], ["why"]] {
      _ = try sevk.command("worker", ["order", words[0], id] + words.dropFirst())
    }
    for words in [["list"], ["list", "gift-10", "--state", "given", "--json"]] {
      try sevk.require("worker", ["stock"] + words)
    }
    return answer.text
  }
}
