import EventLoop
import Glibc

/// One connection through a ``NetworkProxy``: two sockets, and what is on its way from each to the other.
@LoopActor
final class ProxyLink {
  private static let pieceBytesMax = 65_536
  /// From an answer to the surplus one behind it.
  private static let surplusPause = Duration.milliseconds(30)
  private static let surplus = Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nOK|3| |yok".utf8)

  /// What was read from one socket and not yet written to the other. At most one piece: the rest waits in the kernel,
  /// so that a sender that nobody hears is held up as on a real network.
  private struct Flow {
    var piece: ArraySlice<UInt8> = []
    var isHeldBack = false
    var hasEnded = false
    var hasToldEnd = false
  }

  private enum Side: Int, CaseIterable {
    case client, server
    var other: Side { self == .client ? .server : .client }
  }

  private let proxy: NetworkProxy
  private let descriptors: [Int32]
  private var polls: [LoopPoll] = []
  private var watched: [LoopPoll.Events] = [[], []]
  /// By the side that sends.
  private var flows = [Flow(), Flow()]
  private var timers: [LoopTimer] = []
  private var isClosed = false
  /// The client was cut off: what the server still says is read and thrown away.
  private var isCut = false
  /// Runs while a surplus answer is due; the server's end waits for it.
  private var surplusTimer: LoopTimer?

  /// Takes both sockets over; nil when one is missing, with the server's closed.
  init?(client: Int32, server: Int32, proxy: NetworkProxy) {
    self.proxy = proxy
    descriptors = [client, server]
    guard server >= 0 else { return nil }
    for side in Side.allCases {
      let poll = LoopPoll(descriptor: descriptors[side.rawValue]) { [weak self] seen in self?.act(on: side, seen) }
      guard let poll else {
        close(server)
        return nil
      }
      polls.append(poll)
      timers.append(
        LoopTimer { [weak self] in
          self?.flows[side.rawValue].isHeldBack = false
          self?.write(from: side)
          self?.watch()
        })
    }
  }

  /// Watches the sockets for what the proxy's mode lets pass.
  func watch() {
    guard !isClosed else { return }
    for side in Side.allCases {
      var events: LoopPoll.Events = []
      let (out, back) = (flows[side.rawValue], flows[side.other.rawValue])
      if passes(from: side), out.piece.isEmpty, !out.hasEnded { events.insert(.readable) }
      if passes(from: side.other), !back.piece.isEmpty, !back.isHeldBack, !isCut { events.insert(.writable) }
      if isCut, side == .client { events = [] }
      guard events != watched[side.rawValue] else { continue }
      watched[side.rawValue] = events
      if events.isEmpty { polls[side.rawValue].stop() } else { polls[side.rawValue].start(events) }
    }
  }

  /// Ends both connections at once, without the courtesy of a FIN where the socket knows that.
  func reset() { end { Self.reset($0) } }

  static func reset(_ descriptor: Int32) {
    var atOnce = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &atOnce, socklen_t(MemoryLayout<linger>.size))
    close(descriptor)
  }

  private func passes(from side: Side) -> Bool {
    switch proxy.mode {
    case .partition: false
    case .oneWay: side == .client
    default: true
    }
  }

  private func act(on side: Side, _ seen: LoopPoll.Events) {
    guard !isClosed else { return }
    if seen.contains(.writable) { write(from: side.other) }
    if !isClosed, seen.contains(.readable), watched[side.rawValue].contains(.readable) { read(from: side) }
    watch()
  }

  private func read(from side: Side) {
    let descriptor = descriptors[side.rawValue]
    var count = 0
    let piece = [UInt8](unsafeUninitializedCapacity: Self.pieceBytesMax) { buffer, used in
      count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      used = max(0, count)
    }
    if count < 0 {
      if errno != EAGAIN, errno != EINTR { reset() }
      return
    }
    if isCut {
      // The request is done with, or the server gave up: nobody is left to tell.
      reset()
      return
    }
    if count == 0 { flows[side.rawValue].hasEnded = true } else { flows[side.rawValue].piece = piece[...] }
    if count > 0, side == .server, proxy.mode == .surplus, surplusTimer == nil { planSurplus() }
    if count > 0, let delay = proxy.delay() {
      flows[side.rawValue].isHeldBack = true
      timers[side.rawValue].start(after: delay)
    } else {
      write(from: side)
    }
  }

  private func write(from side: Side) {
    guard !isClosed, passes(from: side), !flows[side.rawValue].isHeldBack else { return }
    let target = descriptors[side.other.rawValue]
    let piece = flows[side.rawValue].piece
    if !piece.isEmpty {
      let count = piece.withUnsafeBytes { send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0 {
        if errno != EAGAIN, errno != EINTR { reset() }
        return
      }
      flows[side.rawValue].piece = piece.dropFirst(count)
      guard count == piece.count else { return }
      if proxy.mode == .cut, side == .client { return cut() }
    }
    tellEnd(of: side)
  }

  private func planSurplus() {
    let timer = LoopTimer { [weak self] in
      guard let self, !self.isClosed else { return }
      _ = Self.surplus.withUnsafeBytes {
        send(self.descriptors[Side.client.rawValue], $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      self.surplusTimer?.stop()
      EventLoop.shared.atEndOfTick {
        self.surplusTimer = nil
        if !self.isClosed { self.tellEnd(of: .server) }
      }
    }
    surplusTimer = timer
    timer.start(after: Self.surplusPause)
  }

  private func tellEnd(of side: Side) {
    guard flows[side.rawValue].hasEnded, !flows[side.rawValue].hasToldEnd, side == .client || surplusTimer == nil else {
      return
    }
    flows[side.rawValue].hasToldEnd = true
    if flows.allSatisfy(\.hasToldEnd) {
      end { close($0) }
    } else {
      shutdown(descriptors[side.other.rawValue], Int32(SHUT_WR))
    }
  }

  /// Resets the client's connection; the server's stays until it has answered, so that it does work on the request.
  private func cut() {
    isCut = true
    watch()
    // Disconnecting a TCP socket sends a reset. The descriptor is closed at the end, with the other.
    var nowhere = sockaddr()
    nowhere.sa_family = sa_family_t(AF_UNSPEC)
    connect(descriptors[Side.client.rawValue], &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
  }

  private func end(_ finish: (Int32) -> Void) {
    guard !isClosed else { return }
    isClosed = true
    for poll in polls { poll.stop() }
    for timer in timers { timer.stop() }
    surplusTimer?.stop()
    for descriptor in descriptors { finish(descriptor) }
    proxy.forget(self)
    // One of the polls may be calling this very moment: they must outlive the call.
    let polls = polls
    EventLoop.shared.atEndOfTick { withExtendedLifetime((self, polls)) {} }
  }
}
