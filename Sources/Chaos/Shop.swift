import EventLoop
import FoundationEssentials
import HTTPClient

/// The upstream service: posts orders at a steady rate, whatever happens, and repeats with the same key until each is
/// answered.
@LoopActor
final class Shop {
  /// The route of the one asks for ever about a lost reference; that of the other trusts "not found" after a while.
  nonisolated static let products = ["pubg-60", "pubg-325"]
  private static let timeout = Duration.seconds(4)
  private static let retryPause = Duration.milliseconds(300)

  private let addresses: [String]
  private let token: String
  private let http = HTTPClient(connectionsMax: 512)
  private(set) var posts: [Evidence.Post] = []
  private(set) var repeats = 0
  private var underWay = 0

  init(addresses: [String], token: String) {
    self.addresses = addresses
    self.token = token
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
        underWay += 1
        Task(executorPreference: EventLoop.shared) { await self.post(index) }
      }
      try await EventLoop.sleep(for: .milliseconds(10))
    }
    try? await Servers.wait(for: "the posts", limit) { self.underWay == 0 }
  }

  private func post(_ index: Int) async {
    let post = posts[index]
    let body = """
      {"product":"\(Self.products[index % Self.products.count])","reference":"shop-\(index)",\
      "fields":{"player_id":"\(post.player)","phone":"905551234567"}}
      """
    var turn = index
    while !Task.isCancelled {
      let reply = try? await http.perform(
        HTTPClientRequest(
          method: "POST", url: "http://\(addresses[turn % addresses.count])/v1/orders",
          headers: [
            ("Authorization", "Bearer \(token)"), ("Idempotency-Key", post.key), ("Content-Type", "application/json"),
          ], body: Array(body.utf8), timeout: Self.timeout))
      if let reply, reply.status == 200 || reply.status == 201 {
        struct Answer: Decodable { let id: String }
        if let answer = try? JSONDecoder().decode(Answer.self, from: Data(reply.body)) {
          posts[index].ids.append(answer.id)
        }
        break
      }
      if let reply, (400..<500).contains(reply.status) {
        posts[index].refusal = "\(reply.status) \(String(decoding: reply.body, as: UTF8.self))"
        break
      }
      // Away or unsure: the same key to the other dispatcher.
      turn += 1
      repeats += 1
      try? await EventLoop.sleep(for: Self.retryPause)
    }
    underWay -= 1
  }

  /// The PIN of an order as the API shows it; nil when it shows none.
  func pin(of id: String) async -> String? {
    struct Answer: Decodable { let pin: String? }
    for attempt in 0..<10 {
      let reply = try? await http.perform(
        HTTPClientRequest(
          url: "http://\(addresses[attempt % addresses.count])/v1/orders/\(id)?include=pin",
          headers: [("Authorization", "Bearer \(token)")], connection: .reuse))
      if let reply, reply.status == 200 { return try? JSONDecoder().decode(Answer.self, from: Data(reply.body)).pin }
    }
    return nil
  }

  func close() { http.close() }

  static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
