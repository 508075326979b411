import API
import Cipher
import CommandLine
import EventLoop
import FoundationEssentials
import HTTPClient
import Orders
import Webhooks

@testable import Adapters
@testable import CustomerPage
@testable import Dispatcher
@testable import HTTPServer
@testable import Redis
@testable import Store
@testable import WebSocket

/// The readers of what comes from outside, as functions that take any bytes. Each must not crash, and traps when a promise
/// of its reader does not hold.
enum FuzzTargets {
  static let all: [String: @Sendable ([UInt8]) -> Void] = [
    "orders": orders, "replies": replies, "catalogs": catalogs, "templates": templates, "arguments": arguments,
    "addresses": addresses, "words": words, "redis": redis, "keys": keys, "rules": rules, "secrets": secrets,
    "heads": heads, "scans": scans, "requests": requests,
    "frames": frames, "maps": maps, "documents": documents, "chains": chains, "tables": tables, "waits": waits,
    "setups": setups, "sentinels": sentinels, "updates": updates, "pages": pages,
  ]

  private static let account = ProviderAccount(
    id: 1, name: "panel", adapter: "znet", baseURL: "http://panel.example",
    credentials: ["kod": "5550000000", "sifre": "geheim"])

  /// What an upstream service posts: an order that is taken keeps the limits, and is itself again when it is repeated.
  private static func orders(_ bytes: [UInt8]) {
    guard let json = try? WrittenOrder(bytes) else { return }
    for inBatch in [false, true] {
      guard let order = try? OrderRequest(json, inBatch: inBatch) else { continue }
      precondition((1...OrderRequest.productBytesMax).contains(order.product.utf8.count))
      precondition(order.fields.count <= OrderRequest.fieldsMax && order.quantity >= 1)
      precondition((order.shopReference ?? "").utf8.count <= OrderRequest.referenceBytesMax)
      precondition(order.fields.allSatisfy { $0.key.utf8.count <= 64 && $0.value.utf8.count <= 500 })
      let texts = [order.product, order.shopReference ?? ""] + order.fields.flatMap { [$0.key, $0.value] }
      precondition(texts.joined().unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) })
      let written = JSONText.object([
        "product": JSONText.quote(order.product), "fields": JSONText.map(order.fields),
        "reference": order.shopReference.map(JSONText.quote), "priority": JSONText.quote(order.priority.rawValue),
        "quantity": "\(order.quantity)", "idempotency_key": order.idempotencyKey.map { JSONText.quote($0.text) },
        "metadata": order.metadata.map { String(decoding: Metadata.canonical($0), as: UTF8.self) },
      ])
      precondition((order.metadata ?? "").utf8.count <= Metadata.bytesMax)
      guard let again = try? WrittenOrder(Array(written.utf8)) else { preconditionFailure("not JSON: \(written)") }
      precondition((try? OrderRequest(again, inBatch: inBatch))?.hash == order.hash)
    }
  }

  /// What is posted in Telegram's name, what services answer, and where people are to be reached: nothing that is taken there can
  /// end a header, a tag or a command.
  private static func updates(_ bytes: [UInt8]) {
    if case .press(let press)? = TelegramUpdate(bytes)?.event {
      let answer = Telegram.answerInPlace(press: press.id, press.data ?? "", isAlert: false)
      precondition(WireJSON(Array(answer.utf8))?["callback_query_id"] == .text(press.id))
    }
    let reply = WireReply(status: 200, body: bytes)
    _ = Telegram().readSend(reply)
    if case .sent = Smsc().readSend(reply) { precondition(WireJSON(bytes) != nil) }
    _ = Smsc().readAnswer(reply)
    let text = String(decoding: bytes, as: UTF8.self)
    if Email.mistake(inAddress: text) == nil {
      precondition(text.utf8.allSatisfy { (0x21..<0x7F).contains($0) } || text != text.filter { $0 != " " })
    }
    let message = MessageText(subject: text, body: text, link: nil)
    precondition(TelegramText.html(message, unitsMax: 4096).utf8.count { $0 == UInt8(ascii: "<") } <= 2)
    precondition(SmsText.parts(of: SmsText.text(message, partsMax: 4)) <= 4)
    guard let letter = EmailMessage(message, from: "a@b.example", to: "c@d.example", id: text, at: 0) else { return }
    let head = String(decoding: letter.bytes, as: UTF8.self).components(separatedBy: "\r\n\r\n")[0]
    precondition(head.components(separatedBy: "\r\n").count { !$0.hasPrefix(" ") } == 9)
  }

  /// What a job carries of its order's waits: what is read is itself when it is written down with the send, and no part of a
  /// time is counted twice.
  private static func waits(_ bytes: [UInt8]) {
    var waits = OrderWaits(carried: bytes, sends: 2)
    waits.end(age: .seconds(60))
    precondition(waits.parts.count <= 8)
    precondition(waits.stored.map { OrderWaits.parts(stored: $0) == waits.parts } ?? waits.parts.isEmpty)
    let carried = waits.waiting(for: .init(.down, at: 1), .seconds(1), age: .seconds(60))
    precondition(OrderWaits(carried: carried, sends: 2).parts == waits.parts)
    for spent in [0, 1, 59_000, Int64.max] as [Int64] {
      precondition(TimePart.split(spent, waits.parts).reduce(0) { $0 + $1.milliseconds } == spent)
    }
    _ = OrderWaits.parts(stored: String(decoding: bytes, as: UTF8.self))
  }

  private static let vault = try? Vault(keys: Base64.encode([UInt8](repeating: 7, count: 32)))

  /// What stands behind `/o/` in an address, and a rating after a line end. A token that is read is the one that is made for its
  /// order, letter by letter; the order in whatever bytes there are is led to by its own token alone.
  private static func pages(_ bytes: [UInt8]) {
    guard let vault else { return }
    let parts = lines(bytes)
    if let id = PageToken.read(parts[0], vault) { precondition(PageToken.make(id, vault) == parts[0]) }
    if let id = OrderID(bytes: bytes.prefix(OrderID.bytesCount)) {
      precondition(PageToken.read(PageToken.make(id, vault), vault) == id)
    }
    if let address = PageAddress("/o/" + parts[0]) {
      precondition(!address.token.contains("/") && !(address.rest ?? "").contains("/"))
    }
    _ = PageLanguage.preferred([parts[0]])
    let body = Array((parts.count > 1 ? parts[1] : "").utf8)
    for type in ["application/json", "application/x-www-form-urlencoded"] {
      let request = HTTPRequest(method: "POST", path: "/", headers: [("Content-Type", type)], body: body)
      guard let rating = try? RatingRequest.read(request) else { continue }
      precondition((1...5).contains(rating.stars))
      precondition(rating.text.unicodeScalars.count <= OrderRating.textCharactersMax)
    }
  }

  /// An idempotency key: what is taken is visible ASCII, and is itself when it is written in quotes or among blanks.
  private static func keys(_ bytes: [UInt8]) {
    guard let key = try? IdempotencyKey(String(decoding: bytes, as: UTF8.self)) else { return }
    precondition((1...IdempotencyKey.bytesMax).contains(key.text.utf8.count))
    precondition(key.text.utf8.allSatisfy { (0x21...0x7E).contains($0) })
    let quoted = "\"\(key.text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    precondition((try? IdempotencyKey(" \t\(quoted) "))?.text == key.text)
  }

  /// A route's rule, and a value after a line end. What is sent has nothing unseen in it, and is itself when read again.
  private static func rules(_ bytes: [UInt8]) {
    let parts = lines(bytes)
    let rule = try? FieldRule(words: parts[0])
    if let rule { precondition(FieldRule(stored: rule.words) == rule) }
    let value = parts.count > 1 ? parts[1] : ""
    for rule in [rule, nil, .digits, .trim] {
      guard let sent = try? FieldRule.read(value, rule) else { continue }
      precondition(!sent.isEmpty && OddCharacter.unseen(in: sent) == nil)
      precondition((try? FieldRule.read(sent, rule))?.isExactly(sent) == true)
    }
  }

  /// A file with a secret.
  private static func secrets(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let secret = try? SecretText.read(text, "a file") else { return }
    precondition(OddCharacter.unseen(in: secret) == nil && secret.utf8.count <= text.utf8.count)
  }

  /// A request, its head and its body. However it is cut, it ends at the same byte and has the same body, or is refused.
  private static func heads(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { raw in
      let (parser, slow) = (RequestParser(headBytesMax: 1000), RequestParser(headBytesMax: 1000))
      var head: (head: RequestHead, bytes: Int)?
      var count = 0
      // Cut anywhere, its end is seen with its last byte.
      while count <= raw.count, head == nil {
        do { head = try slow.readHead(UnsafeRawBufferPointer(rebasing: raw[..<count])) } catch { break }
        count += 1
      }
      let whole = (try? parser.readHead(raw)) ?? nil
      precondition(whole?.bytes == head?.bytes && (whole == nil || whole?.bytes == count - 1))
      guard let head = whole?.head, let end = whole?.bytes else { return }
      precondition(!head.target.path.utf8.contains { $0 < 0x20 } && head.headers.allSatisfy { !$0.name.isEmpty })
      let framings = head.headers.filter { ["content-length", "transfer-encoding"].contains($0.name.lowercased()) }
      precondition(framings.count == (head.framing == .none ? 0 : 1))
      precondition(parser.isDone == [.none, .length(0)].contains(head.framing) && slow.isDone == parser.isDone)
      bodies(UnsafeRawBufferPointer(rebasing: raw[end...]), parser, slow, head.framing)
    }
  }

  private static func bodies(
    _ raw: UnsafeRawBufferPointer, _ parser: RequestParser, _ slow: RequestParser, _ framing: RequestHead.Framing
  ) {
    var (whole, byByte): ([UInt8], [UInt8]) = ([], [])
    let count = try? parser.readBody(raw) { piece throws(ServerProblem) in whole += piece }
    var taken: Int? = 0
    for place in raw.indices where taken != nil && !slow.isDone {
      let byte = UnsafeRawBufferPointer(rebasing: raw[place...place])
      let one = try? slow.readBody(byte) { piece throws(ServerProblem) in byByte += piece }
      taken = one.flatMap { one in taken.map { $0 + one } }
    }
    precondition(count == taken)
    guard count != nil else { return }
    precondition(whole == byByte && parser.isDone == slow.isDone)
    if case .length(let length) = framing { precondition(whole.count == min(length, raw.count)) }
  }

  /// What is looked at before a batch is read: what it says are the orders, are they.
  private static func scans(_ bytes: [UInt8]) {
    _ = JSONScan.excess(in: bytes, valuesMax: 100)
    let found = JSONScan.elements(of: "orders", in: bytes, elementsMax: 10, valuesMax: 100)
    guard case .elements(let ranges) = found, case .object(let body)? = JSONValue(parsing: bytes) else { return }
    guard case .array(let items)? = body["orders"], body.count == 1 else { preconditionFailure("another shape") }
    precondition(items.count == ranges.count)
    precondition(ranges.allSatisfy { JSONValue(parsing: Array(bytes[$0])) != nil })
  }

  /// What shops ask of endpoints, moves and times, and what a receiver asks for. What is taken keeps its limits.
  private static func requests(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let pause = RetryAfter.read(text, now: 1_700_000_000) { precondition(.zero <= pause && pause <= RetryAfter.max) }
    if let id = DeliveryID(text) { precondition(DeliveryID("\(id)") == id) }
    if let day = Timestamp.milliseconds(ofDay: text) { precondition(day % 86_400_000 == 0) }
    _ = Timestamp.milliseconds(text)
    guard let json = JSONValue(parsing: bytes) else { return }
    if let endpoint = try? EndpointRequest(json, tenant: 1, name: "books", .publicOnly) {
      precondition(endpoint.wanted.url.utf8.count <= EndpointRequest.urlBytesMax)
      precondition(URLParts(endpoint.wanted.url)?.address?.isPublic != false)
    }
    _ = try? ReplayRequest(json)
    _ = try? ResolveRequest(json)
  }

  /// What a client sends over a WebSocket. However it is cut, the same messages come of it, and none is too long.
  private static func frames(_ bytes: [UInt8]) {
    EventLoop.shared.run {
      let whole = await frames(bytes, each: max(1, bytes.count))
      let byByte = await frames(bytes, each: 1)
      // Of a close frame that is odd itself it may say so before the frame is whole.
      precondition(whole.messages == byByte.messages && whole.isRead == byByte.isRead)
      for case .text(let text) in whole.messages { precondition(text.utf8.count <= frameBytesMax) }
      for case .binary(let data) in whole.messages { precondition(data.count <= frameBytesMax) }
    }
  }

  private static let frameBytesMax = 1000

  @LoopActor
  private static func frames(
    _ bytes: [UInt8], each count: Int
  ) -> (messages: [WebSocket.Message], isRead: Bool) {
    guard let frames = WebSocketFrames(messageBytesMax: frameBytesMax) else { return ([], false) }
    var messages: [WebSocket.Message] = []
    frames.onMessage = { messages.append($0) }
    var isRead = true
    for place in stride(from: 0, to: bytes.count, by: count) where isRead {
      isRead = bytes[place..<min(place + count, bytes.count)].withUnsafeBytes { frames.take($0) }
      // What we say is never masked, and a control frame of ours is short.
      let answer = frames.encoded() ?? []
      precondition(answer.isEmpty || answer.count >= 2 && answer[1] <= 125)
    }
    return (messages, isRead)
  }

  /// An order's fields as they are stored: read by hand or not, they are what Foundation reads, and are written the same.
  private static func maps(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    let expected = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    let read = try? FlatJSON.decode(text)
    precondition(read == expected)
    guard let read else { return }
    guard let written = try? FlatJSON.encode(read) else { preconditionFailure("can't be written") }
    precondition((try? FlatJSON.decode(written)) == read)
    precondition((try? JSONDecoder().decode([String: String].self, from: Data(written.utf8))) == read)
  }

  /// A panel's answer in one line. The first byte picks the HTTP status. What is shown of it holds neither login nor PIN.
  private static func replies(_ bytes: [UInt8]) {
    let status = [200, 200, 200, 500, 302][Int(bytes.first ?? 0) % 5]
    let reply = WireReply(status: status, body: Array(bytes.dropFirst()))
    for adapter in AdapterRegistry.sevk.all.compactMap({ $0 as? any ContractedAdapter }) {
      _ = (adapter as? any SendingAdapter)?.readSend(reply)
      _ = (adapter as? any ProbingAdapter)?.readProbe(reply)
      _ = try? (adapter as? any TokenAdapter)?.readToken(reply)
      let notice = NoticeRequest(target: "/", headers: [], body: reply.body, hmacSHA256: { key, _ in key })
      // No sender is known without a secret.
      if case .report? = (adapter as? any NoticeAdapter)?.readNotice(notice, account: account) { preconditionFailure() }
      if let batch = adapter as? any BatchQueryingAdapter {
        precondition(batch.parts(of: reply, about: ["123456789012345678", "1"]).count == 2)
      }
      guard let asked = adapter as? any QueryingAdapter else { continue }
      let outcome = asked.readQuery(reply, about: "123456789012345678", account: account)
      // What no row explains settles nothing.
      let isExplained = adapter.row(of: reply, kind: .query) != nil
      switch outcome {
      case .completed(let pin, _):
        precondition(status == 200 && isExplained)
        if let pin { precondition(!pin.secret.isEmpty) }
        _ = adapter.redact(reply, kind: .query, pin: pin)
      case .cancelled, .waiting, .notFound: precondition(isExplained)
      case .queryFailed, .unintelligible: _ = adapter.redact(reply, kind: .send, pin: nil)
      }
    }
  }

  /// A CSV file of codes or of a statement: cut anywhere it reads the same, and no field is beyond its limit.
  private static func tables(_ bytes: [UInt8]) {
    var (whole, cut) = (CSVParser(), CSVParser())
    let rows = whole.feed(bytes, isEnd: true)
    let middle = bytes.isEmpty ? 0 : Int(bytes[0]) % bytes.count
    let parts = cut.feed(bytes[..<middle], isEnd: false) + cut.feed(bytes[middle...], isEnd: true)
    precondition(rows == parts && rows.allSatisfy { $0.fields.count <= CSVParser.fieldsMax })
    precondition(rows.allSatisfy { $0.fields.allSatisfy { $0.utf8.count <= CSVParser.fieldBytesMax } })
  }

  /// A provider's XML: what is written again reads as the same.
  private static func documents(_ bytes: [UInt8]) {
    guard let read = WireXML(bytes) else { return }
    precondition(WireXML(Array(read.written.utf8)) == read)
  }

  /// Whose orders an order was passed on from. What is read is itself again when it is passed on.
  private static func chains(_ bytes: [UInt8]) {
    guard let chain = try? OrderChain(headers: lines(bytes)) else { return }
    precondition(chain.ids.allSatisfy { (1...OrderChain.idBytesMax).contains($0.utf8.count) })
    precondition((try? OrderChain(headers: [chain.text])) == chain && chain.ownIDs.count <= chain.ids.count)
  }

  private static func catalogs(_ bytes: [UInt8]) {
    for adapter in AdapterRegistry.sevk.all {
      _ = try? (adapter as? any CatalogueAdapter)?.readCatalog(WireReply(status: 200, body: bytes))
    }
  }

  /// A route's template, and a field's value after a line end. A value is text: it is never read as a template.
  private static func templates(_ bytes: [UInt8]) {
    let parts = lines(bytes)
    let value = parts.count > 1 ? parts[1] : ""
    let (filled, missing) = ParameterTemplate.fill(["p": parts[0]], with: ["player_id": value])
    let names = ParameterTemplate.fields(in: ["p": parts[0]])
    precondition(Set(missing).isSubset(of: names) && filled.count == 1)
    if parts[0] == "{player_id}", !value.isEmpty { precondition(filled["p"] == value && missing.isEmpty) }
  }

  /// A command line, an argument a line. Files are not read: what begins with @ stays out.
  private static func arguments(_ bytes: [UInt8]) {
    let words = lines(bytes).filter { !$0.contains("@") }
    let grammar = Arguments.Grammar(values: ["--tenant", "--param"], switches: ["--yes"], wordsMax: 2)
    guard let arguments = try? Arguments(words, grammar: grammar) else { return }
    precondition(arguments.words.count <= 2 && arguments.words.allSatisfy { !$0.hasPrefix("--") })
    if arguments.has("--yes") { precondition(words.contains("--yes")) }
    _ = try? arguments.pairs("--param")
  }

  /// A provider's URL, and what is allowed after a line end. One that is taken leads to no private address of its own.
  private static func addresses(_ bytes: [UInt8]) {
    let parts = lines(bytes)
    if (try? ProviderURL.judge(parts[0], .publicOnly)) != nil {
      precondition(!parts[0].contains("@") && URLParts(parts[0])?.address?.isPublic != false)
    }
    if let address = IPAddress(parts[0]) { precondition(IPAddress(address.description) == address) }
    var wrong = ""
    let entries = parts.dropFirst().joined().split(separator: ",").map(String.init)
    _ = AddressRule(publicAnd: entries, wrong: &wrong)
    _ = try? RedisURL(parts[0])
  }

  /// Numbers, ids, durations, rates, a caller's trace.
  private static func words(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let id = OrderID(text) { precondition(OrderID(id.description) == id) }
    if let money = Money(parsing: text) { precondition(Money(parsing: money.description) == money) }
    if let duration = Duration(words: text) { precondition(Duration(words: duration.inWords) == duration) }
    if let trace = TraceContext(parent: text, states: [text]) {
      precondition(TraceContext(stored: trace.description) == trace)
    }
    _ = TraceContext(stored: text)
    if let redirect = ClusterRedirect(text) { precondition(redirect.slot < RedisSlot.count) }
    if let rate = Settings.rate(text) { precondition(rate >= 0) }
  }

  /// What Redis answers: the same values, however the bytes were cut on their way.
  private static func redis(_ bytes: [UInt8]) {
    // hiredis takes the memory that an array announces, and the server is one of ours.
    let announced = bytes.split(separator: UInt8(ascii: "*")).map { $0.prefix { (48...57).contains($0) }.count }
    guard announced.allSatisfy({ $0 < 6 }) else { return }
    let whole = redisValues(in: [bytes[...]])
    let cut = redisValues(in: stride(from: 0, to: bytes.count, by: 7).map { bytes[$0...].prefix(7) })
    precondition(whole.values == cut.values && whole.areWellFormed == cut.areWellFormed)
    for value in whole.values {
      guard let map = ClusterMap(value, asked: .unix(path: "")) else { continue }
      precondition(map.slotCounts.reduce(map.uncovered, +) == RedisSlot.count)
    }
  }

  private static func redisValues(in pieces: [ArraySlice<UInt8>]) -> (values: [RedisValue], areWellFormed: Bool) {
    let reader = ReplyReader()
    var values: [RedisValue] = []
    for piece in pieces {
      piece.withUnsafeBytes { reader.feed($0) }
      do {
        while let value = try reader.next() { values.append(value) }
      } catch {
        return (values, false)
      }
    }
    return (values, true)
  }

  /// What sentinels and other servers say of themselves: an address that is taken is one, a number is none that nobody can
  /// have, and no kind of server is taken for a master by mistake.
  private static func sentinels(_ bytes: [UInt8]) {
    let announced = bytes.split(separator: UInt8(ascii: "*")).map { $0.prefix { (48...57).contains($0) }.count }
    guard announced.allSatisfy({ $0 < 6 }) else { return }
    for value in redisValues(in: [bytes[...]]).values {
      if case .tcp(let host, let port)? = Sentinels.place(value) {
        precondition(!host.isEmpty && (1...65_535).contains(port))
      }
      let view = SentinelView("sentinel", SentinelEntry(value))
      precondition(view.quorum >= 0 && view.sentinels >= 1 && view.replicas >= 0 && !view.flags.contains("master"))
      guard let kind = RedisKind(value) else { continue }
      let place = SocketAddress.tcp(host: "redis.example", port: 6379)
      if kind.problem(as: RedisTarget(place, .master)) == nil {
        precondition(
          kind.mode != "sentinel" && kind.mode != "cluster" && kind.role != "replica" && kind.role != "slave")
      }
      precondition((kind.problem(as: RedisTarget(place, .sentinel)) == nil) == (kind.mode == "sentinel"))
    }
  }

  /// A file of the set-up, as JSON and as YAML. What is taken is the same set-up when it is written, either way, and read
  /// again.
  private static func setups(_ bytes: [UInt8]) {
    // A credential's file is not looked for.
    guard let text = String(validating: bytes, as: UTF8.self), !text.contains("file") else { return }
    for isYAML in [false, true] {
      guard let things = setup(text, isYAML: isYAML) else { continue }
      for written in [SetupWriting.json(things), SetupWriting.yaml(things)] {
        for isYAML in [written.hasPrefix("{") ? false : true, true] {
          precondition(setup(written, isYAML: isYAML) == things, written)
        }
      }
    }
  }

  /// What it wants; nil when it is not taken.
  private static func setup(_ text: String, isYAML: Bool) -> [SetupThing]? {
    let nothing = SetupSnapshot(
      stamp: "", tenants: [], providers: [], unreadable: [:], secondLookShares: [:], routes: [], tokens: [],
      endpoints: [], partners: [], desks: [:])
    guard let value = try? SetupDocument.value(of: text, isYAML: isYAML, "setup"),
      let file = try? SetupFile(value, nothing, .publicOnly, variable: { _ in "5550000000" })
    else { return nil }
    var things = (file.tenants ?? []).map(SetupThing.tenant)
    for entry in file.providers ?? [] {
      let names = entry.provider.credentials.keys.map { ($0, "V") }
      things.append(
        .provider(
          entry.provider, entry.terms,
          credentials: names.isEmpty ? nil : Dictionary(names, uniquingKeysWith: { first, _ in first })))
    }
    things += (file.routes ?? []).map(\.thing) + (file.tokens ?? []).map(\.thing)
    return things + (file.endpoints ?? []).map(\.thing)
  }

  private static func lines(_ bytes: [UInt8]) -> [String] {
    bytes.split(separator: 10, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
  }
}
