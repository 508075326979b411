import CommandLine
import EventLoop
import Events
import Orders
import Store
import Telemetry
import WebSocket

/// The WebSockets of orders' pages: each is told that its order has changed, and reads what it is then itself.
///
/// Frames are JSON with a `type`: `order_created`, `order_status_changed`. Those of the chat come by the same socket.
@LoopActor
final class PageSockets {
  nonisolated static let subprotocol = "sevk.order.v1"
  /// Open at once.
  nonisolated static let allMax = 10_000
  /// Of one order: a family, and tabs that were forgotten.
  private static let ofOrderMax = 20
  private static let beat = Duration.seconds(1)
  /// Each is pinged once in so many beats.
  private static let turns = 20
  /// One that was not heard of for so long is gone.
  private static let silenceMilliseconds: UInt64 = 65_000
  /// One that takes nothing for so many bytes is cut off.
  private static let bytesWaitingMax = 64 * 1024
  private static let stopMax = Duration.seconds(2)
  /// WebSocket close codes (RFC 6455, section 7.4).
  private static let goingAway: UInt16 = 1001
  private static let tryLater: UInt16 = 1013

  private struct Entry {
    let socket: WebSocket
    let order: OrderID
    let subscription: FeedSubscription
    let turn: Int
  }

  private let feed: EventFeed
  private let metrics: Metrics
  private var entries: [ObjectIdentifier: Entry] = [:]
  private var ofOrder: [OrderID: Int] = [:]
  private var nextTurn = 0
  private var beating = 0
  private var timer: LoopTimer?
  private var isStopped = false
  private let emptied = LoopEvent()

  init(feed: EventFeed, _ metrics: Metrics) {
    (self.feed, self.metrics) = (feed, metrics)
    metrics.set("sevk_gateway_connections", ["kind": "order_page"], to: 0)
  }

  /// Whether one more may be opened for an order.
  func hasRoom(for order: OrderID) -> Bool {
    !isStopped && entries.count < Self.allMax && ofOrder[order] ?? 0 < Self.ofOrderMax
  }

  func open(_ socket: WebSocket, _ order: OrderID) {
    guard hasRoom(for: order) else {
      return socket.close(code: isStopped ? Self.goingAway : Self.tryLater, reason: "too many; connect again later")
    }
    startBeating()
    let id = ObjectIdentifier(socket)
    let subscription = feed.watch(order: order.description) { [weak socket] event in
      guard let socket, let frame = Self.frame(event) else { return }
      socket.send(text: Array(frame.utf8))
      if socket.bytesWaiting > Self.bytesWaitingMax { socket.cut() }
    }
    entries[id] = Entry(socket: socket, order: order, subscription: subscription, turn: nextTurn)
    nextTurn = (nextTurn + 1) % Self.turns
    ofOrder[order, default: 0] += 1
    socket.onEnd = { [weak self] in self?.ended(id) }
    count()
  }

  /// What an event is to a page; nil for what it has nothing to show of.
  static func frame(_ event: FeedEvent) -> String? {
    let status: Status? =
      switch event.type {
      case OrderEvent.rated: .completed
      // How far people are, who fulfil it.
      case FulfilmentStore.progressed: .sent
      default: Status.allCases.first { $0.eventType == event.type && $0.eventType != nil }
      }
    guard let status, let version = event.version else { return nil }
    return JSONText.object([
      "type": JSONText.quote(status == .pending ? "order_created" : "order_status_changed"),
      "status": JSONText.quote(status.rawValue), "version": "\(version)",
    ])
  }

  func stop() async {
    isStopped = true
    timer?.stop()
    for entry in entries.values {
      entry.socket.close(code: Self.goingAway, reason: "this gateway stops; connect again")
    }
    if !entries.isEmpty { _ = await emptied.wait(for: Self.stopMax) }
  }

  private func startBeating() {
    guard timer == nil else { return }
    let timer = LoopTimer { [weak self] in self?.pingSome() }
    timer.start(after: Self.beat, every: Self.beat)
    self.timer = timer
  }

  private func pingSome() {
    beating = (beating + 1) % Self.turns
    let now = EventLoop.shared.nowMilliseconds
    for entry in entries.values where entry.turn == beating {
      if now - entry.socket.heardAt > Self.silenceMilliseconds { entry.socket.cut() } else { entry.socket.ping() }
    }
  }

  private func ended(_ id: ObjectIdentifier) {
    guard let entry = entries.removeValue(forKey: id) else { return }
    feed.leave(entry.subscription)
    let rest = (ofOrder[entry.order] ?? 1) - 1
    ofOrder[entry.order] = rest > 0 ? rest : nil
    count()
    if entries.isEmpty { emptied.signal() }
  }

  private func count() {
    metrics.set("sevk_gateway_connections", ["kind": "order_page"], to: Double(entries.count))
  }
}
