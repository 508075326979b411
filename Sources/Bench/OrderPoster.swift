import EventLoop
import HTTPClient
import PrivateServers

/// The upstream service: posts single orders to a dispatcher.
@LoopActor
final class OrderPoster {
  private static let timeout = Duration.seconds(30)

  private let http: HTTPClient
  private let url: String
  private let token: String
  private let run: String

  /// - Parameters:
  ///   - run: makes idempotency keys and players of their own.
  ///   - connectionsMax: as many posts are under way at once.
  init(address: String, token: String, run: String, connectionsMax: Int) {
    http = HTTPClient(connectionsMax: connectionsMax)
    url = "http://\(address)/v1/orders"
    self.token = token
    self.run = run
  }

  /// The player of an order, by which it is known at the panel.
  func player(_ index: Int) -> String { "\(run)-\(index)" }

  /// Posts an order.
  ///
  /// - Throws: when it is not created.
  func post(_ index: Int) async throws {
    let body = """
      {"product":"\(Installation.product)","reference":"shop-\(index)",\
      "fields":{"player_id":"\(player(index))","phone":"905551234567"}}
      """
    let reply = try await http.perform(
      HTTPClientRequest(
        method: "POST", url: url,
        headers: [
          ("Authorization", "Bearer \(token)"), ("Idempotency-Key", "\(run)-\(index)"),
          ("Content-Type", "application/json"),
        ], body: Array(body.utf8), timeout: Self.timeout, connection: .reuse))
    guard reply.status == 201 else {
      throw ChildProgram.Failure(
        "an order was answered \(reply.status): \(String(decoding: reply.body, as: UTF8.self))")
    }
  }

  /// Posts `count` orders, `lanes` at a time, each as soon as the one before it is answered.
  func post(all count: Int, lanes: Int) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<min(lanes, count) {
        group.addTask { for index in stride(from: lane, to: count, by: lanes) { try await self.post(index) } }
      }
      try await group.waitForAll()
    }
  }

  func close() { http.close() }
}
