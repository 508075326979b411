import EventLoop
import FoundationEssentials
import HTTPClient
import Seeded

/// Follows a tenant's events by position as a shop does. It loses its connection at moments that follow from the seed, and
/// goes on from the last position that it has.
@LoopActor
final class LiveSubscriber {
  enum Way: String, CaseIterable {
    case serverSent = "sse"
    case webSocket = "websocket"
    /// A WebSocket with a ticket, as browsers have to.
    case ticket
    /// Page by page from a dispatcher.
    case list
  }

  /// Who hears nothing for so long tries the next gateway: the one may be frozen.
  private static let silenceMax = Duration.seconds(5)
  private static let eventsPerConnection = 1...400
  private static let millisecondsPerConnection = 300...8000
  private static let restMilliseconds = 0...300
  private static let listPause = Duration.milliseconds(400)
  private static let listMax = 200

  let way: Way
  private let token: String
  private let dispatchers: [String]
  private let gateways: [String]
  private let http: HTTPClient
  private var random: SeededGenerator
  private var turn = 0
  private var wire: LiveWire?
  private var task: Task<Void, Never>?
  private(set) var feed: Evidence.Outside.Feed
  private(set) var connections = 0

  /// The last position that it has.
  var position: Int64 { feed.seen.last?.position ?? 0 }

  init(
    _ way: Way, tenant: String, token: String, dispatchers: [String], gateways: [String], http: HTTPClient, seed: UInt64
  ) {
    (self.way, self.token, self.dispatchers, self.gateways, self.http) = (way, token, dispatchers, gateways, http)
    random = SeededGenerator(seed: seed)
    feed = .init(name: "\(tenant)/\(way.rawValue)", tenant: tenant)
  }

  func start() { task = Task(executorPreference: EventLoop.shared) { await self.follow() } }

  func stop() async {
    task?.cancel()
    cut()
    await task?.value
  }

  /// Loses its connection now.
  func cut() { wire?.cut() }

  private func follow() async {
    while !Task.isCancelled {
      turn += 1
      do {
        if way == .list { try await readPage() } else { try await readStream() }
      } catch let refusal as LiveWire.Refusal {
        note(refusal.status)
      } catch {
        // It is away; the next turn is another's.
      }
      let pause =
        way == .list ? Self.listPause : .milliseconds(Int.random(in: Self.restMilliseconds, using: &random))
      try? await EventLoop.sleep(for: pause)
    }
  }

  /// A server in trouble says so. A ticket is gone with Redis.
  private func note(_ status: Int) {
    guard status < 500, status != 429, way != .ticket || status != 401 else { return }
    feed.refusals.append("after \(position) it was answered \(status)")
  }

  private func readStream() async throws {
    var headers: [(String, String)] = []
    var path = way == .serverSent ? "/v1/events/stream" : "/v1/events/ws"
    if way == .ticket {
      path += "?after=\(position)&ticket=\(try await ticket())"
    } else if way == .serverSent, position > 0, turn % 2 == 0 {
      // As a browser does: the address of the beginning, and how far it is.
      path += "?after=0"
      headers.append(("Last-Event-ID", "\(position)"))
    } else {
      path += "?after=\(position)"
    }
    if way != .ticket { headers.append(("Authorization", "Bearer \(token)")) }
    let wire = try await LiveWire.open(
      way == .serverSent ? .serverSent : .webSocket, gateways[turn % gateways.count], path: path, headers: headers)
    self.wire = wire
    defer {
      wire.close()
      self.wire = nil
    }
    connections += 1
    var left = Int.random(in: Self.eventsPerConnection, using: &random)
    let end =
      ContinuousClock.now + .milliseconds(Int.random(in: Self.millisecondsPerConnection, using: &random))
    while left > 0, !Task.isCancelled {
      let limit = min(end - .now, Self.silenceMax)
      guard limit > .zero, let events = await wire.next(within: limit), !events.isEmpty else { return }
      // What lies behind the moment of the cut was never seen.
      feed.seen += events.prefix(left)
      left -= events.count
    }
  }

  private func ticket() async throws -> String {
    struct Answer: Decodable { let ticket: String }
    let reply = try await http.perform(
      HTTPClientRequest(
        method: "POST", url: "http://\(dispatchers[turn % dispatchers.count])/v1/tickets",
        headers: [("Authorization", "Bearer \(token)")], body: [], timeout: Shop.timeout))
    guard reply.status == 201 else { throw LiveWire.Refusal(status: reply.status) }
    return try JSONDecoder().decode(Answer.self, from: Data(reply.body)).ticket
  }

  private func readPage() async throws {
    struct Answer: Decodable {
      struct Listed: Decodable {
        let position: Int64
        let event: CloudEventText
      }
      let events: [Listed]
    }
    let reply = try await http.perform(
      HTTPClientRequest(
        url: "http://\(dispatchers[turn % dispatchers.count])/v1/events?after=\(position)&limit=\(Self.listMax)",
        headers: [("Authorization", "Bearer \(token)")], timeout: Shop.timeout))
    guard reply.status == 200 else { throw LiveWire.Refusal(status: reply.status) }
    connections += 1
    for listed in try JSONDecoder().decode(Answer.self, from: Data(reply.body)).events {
      if let told = listed.event.told { feed.seen.append(.init(position: listed.position, told: told)) }
    }
  }
}
