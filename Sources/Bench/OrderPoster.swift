import EventLoop
import PrivateServers

/// The upstream service: posts single orders to a dispatcher.
@LoopActor
final class OrderPoster {
  private static let timeout = Duration.seconds(30)
  /// Between two looks for room.
  private static let roomPause = Duration.milliseconds(10)
  /// How each answer begins.
  private static let beforeID = "{\"id\":\""

  private let host: String
  private let port: Int
  private let head: String
  private let run: String
  private let connectionsMax: Int
  private var free: [PostingConnection] = []
  private var opened = 0
  private var waiting: [CheckedContinuation<PostingConnection, Never>] = []
  /// When each post was answered.
  private(set) var answeredAt: [ContinuousClock.Instant] = []

  /// - Parameters:
  ///   - address: the dispatcher's, as host:port.
  ///   - run: makes idempotency keys and players of their own.
  ///   - connectionsMax: as many posts are under way at once.
  init(address: String, token: String, run: String, connectionsMax: Int) {
    let parts = address.split(separator: ":")
    host = String(parts[0])
    port = Int(parts[1]) ?? 0
    head = """
      POST /v1/orders HTTP/1.1\r\nHost: \(address)\r\nAuthorization: Bearer \(token)\r\n\
      Content-Type: application/json\r\n
      """
    self.run = run
    self.connectionsMax = connectionsMax
  }

  /// The player of an order, by which it is known at the panel.
  func player(_ index: Int) -> String { "\(run)-\(index)" }

  /// Posts an order.
  ///
  /// - Returns: its id, without dashes, which is the id of its trace as well.
  /// - Throws: when it is not created.
  @discardableResult
  func post(_ index: Int) async throws -> String {
    let body = """
      {"product":"\(Installation.product)","reference":"shop-\(index)",\
      "fields":{"player_id":"\(player(index))","phone":"905551234567"}}
      """
    let connection = try await connection()
    let reply = try await connection.exchange(
      "\(head)Idempotency-Key: \(run)-\(index)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    putBack(connection)
    answeredAt.append(.now)
    guard reply.status == 201 else {
      throw ChildProgram.Failure(
        "an order was answered \(reply.status): \(String(decoding: reply.body, as: UTF8.self))")
    }
    return String(
      decoding: reply.body.dropFirst(Self.beforeID.utf8.count).prefix(36).filter { $0 != 0x2D }, as: UTF8.self)
  }

  private func connection() async throws -> PostingConnection {
    if let connection = free.popLast() { return connection }
    guard opened == connectionsMax else {
      opened += 1
      return try await PostingConnection(host: host, port: port, timeout: Self.timeout)
    }
    return await withCheckedContinuation { waiting.append($0) }
  }

  private func putBack(_ connection: PostingConnection) {
    if waiting.isEmpty { free.append(connection) } else { waiting.removeFirst().resume(returning: connection) }
  }

  /// Posts `count` orders, `lanes` at a time, each as soon as the one before it is answered and there is room for it.
  ///
  /// - Parameters:
  ///   - openMax: most orders that are posted and not fulfilled: taking orders in costs less than fulfilling them, and
  ///     whoever only posts measures how fast a backlog grows.
  ///   - fulfilled: how many are.
  func post(all count: Int, lanes: Int, openMax: Int, fulfilled: @escaping @LoopActor @Sendable () -> Int) async throws
  {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<min(lanes, count) {
        group.addTask {
          for index in stride(from: lane, to: count, by: lanes) {
            while await index - fulfilled() >= openMax { try await EventLoop.sleep(for: Self.roomPause) }
            try await self.post(index)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  func close() { for connection in free { connection.close() } }
}
