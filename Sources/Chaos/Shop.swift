import EventLoop
import FoundationEssentials
import HTTPClient
import PrivateServers

/// The upstream services, two tenants of them: post orders at a steady rate, whatever happens, and repeat with the same
/// key until each is answered. A small share of what they do is odd; see `Shop+Oddities.swift`.
@LoopActor
final class Shop {
  static let timeout = Duration.seconds(4)
  static let retryPause = Duration.milliseconds(300)

  let addresses: [String]
  /// One of each provider.
  let products: [String]
  /// Of each tenant.
  private let tokens: [String]
  let http = HTTPClient(connectionsMax: 512)
  private(set) var posts: [Evidence.Post] = []
  private(set) var repeats = 0
  private var underWay = 0
  private var tenants: [String: Int] = [:]

  var foreignReads = 0
  var foreignAnswers: [String] = []
  var badRequests: [Evidence.BadRequest] = []
  /// Keys that were posted many times at once.
  var crowds = 0
  var slowPosts = 0

  init(addresses: [String], tokens: [String], products: [String]) {
    self.addresses = addresses
    self.products = products
    self.tokens = tokens
  }

  /// Posts for `duration`, then waits until everything is answered or `limit` passed.
  func run(rate: Double, for duration: Duration, limit: Duration) async throws {
    let begun = ContinuousClock.now
    while ContinuousClock.now - begun < duration {
      // Open loop: what is late is made up for, so that a stall of Sevk meets a crowd afterwards, as in life.
      let wanted = Int(Self.seconds(ContinuousClock.now - begun) * rate) + 1
      while posts.count < wanted {
        let index = posts.count
        posts.append(Evidence.Post(key: "chaos-\(index)", player: "\(5_000_000 + index)"))
        inBackground { await self.handle(index) }
      }
      try await EventLoop.sleep(for: .milliseconds(10))
    }
    try? await Waiting.until("the posts were answered", within: limit) { self.underWay == 0 }
  }

  private func inBackground(_ work: @escaping @LoopActor () async -> Void) {
    underWay += 1
    Task(executorPreference: EventLoop.shared) { await self.counted(work) }
  }

  private func counted(_ work: @LoopActor () async -> Void) async {
    await work()
    underWay -= 1
  }

  /// One order from its post to what the shop does with it afterwards.
  private func handle(_ index: Int) async {
    if Oddity.badRequest.strikes(index) { inBackground { await self.sendNonsense(index) } }
    if Oddity.crowd.strikes(index) {
      crowds += 1
      for number in 1..<Self.crowd { inBackground { await self.post(index, spelling: number) } }
    }
    if Oddity.slowClient.strikes(index) { await postSlowly(index) }
    await post(index)
    guard let id = posts[index].ids.first else { return }
    if Oddity.cancel.strikes(index) { await cancel(index, id) }
    if Oddity.claim.strikes(index) { await claimRefund(index, id) }
    if Oddity.stranger.strikes(index) { await askAsStranger(index, id) }
  }

  /// Each tenant gets all products.
  func tenant(of index: Int) -> Int { index / products.count % 4 == 3 ? 1 : 0 }

  func token(tenant: Int) -> String { tokens[tenant % tokens.count] }

  func body(_ index: Int, of product: String? = nil) -> String {
    """
    {"product":"\(product ?? products[index % products.count])","reference":"shop-\(index)",\
    "fields":{"player_id":"\(posts[index].player)","phone":"905551234567","gsm":"532\(posts[index].player)"}}
    """
  }

  /// - Parameter spelling: the same key, also as other libraries write it.
  func headers(_ index: Int, spelling: Int = 0) -> [(String, String)] {
    let key = posts[index].key
    return [
      ("Authorization", "Bearer \(token(tenant: tenant(of: index)))"),
      ("Idempotency-Key", [key, "\"\(key)\"", "\(key) \t"][spelling % 3]),
      ("Content-Type", "application/json"),
    ]
  }

  func note(_ cancel: Evidence.Cancel, _ index: Int) { posts[index].cancel = cancel }

  func note(claim answer: String, _ index: Int) { posts[index].claims.append(answer) }

  private func post(_ index: Int, spelling: Int = 0) async {
    var (turn, spelling) = (index, spelling)
    while !Task.isCancelled {
      let reply = try? await http.perform(
        HTTPClientRequest(
          method: "POST", url: "http://\(addresses[turn % addresses.count])/v1/orders",
          headers: headers(index, spelling: spelling), body: Array(body(index).utf8), timeout: Self.timeout))
      if let reply, reply.status == 200 || reply.status == 201 {
        noteAccepted(index, reply.body)
        break
      }
      if let reply, (400..<500).contains(reply.status) {
        posts[index].refusal = "\(reply.status) \(String(decoding: reply.body, as: UTF8.self))"
        break
      }
      // Away or unsure: the same key to the other dispatcher.
      turn += 1
      spelling += 1
      repeats += 1
      try? await EventLoop.sleep(for: Self.retryPause)
    }
  }

  func noteAccepted(_ index: Int, _ body: [UInt8]) {
    struct Answer: Decodable { let id: String }
    guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(body)) else { return }
    posts[index].ids.append(answer.id)
    tenants[answer.id] = tenant(of: index)
  }

  /// The PIN of an order as the API shows it; nil when it shows none.
  func pin(of id: String) async -> String? {
    struct Answer: Decodable { let pin: String? }
    for attempt in 0..<10 {
      let reply = try? await http.perform(
        HTTPClientRequest(
          url: "http://\(addresses[attempt % addresses.count])/v1/orders/\(id)?include=pin",
          headers: [("Authorization", "Bearer \(token(tenant: tenants[id] ?? 0))")], connection: .reuse))
      if let reply, reply.status == 200 { return try? JSONDecoder().decode(Answer.self, from: Data(reply.body)).pin }
    }
    return nil
  }

  func close() { http.close() }

  static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
