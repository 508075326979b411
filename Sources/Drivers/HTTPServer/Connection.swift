import EventLoop

/// A client's connection, from accept to close: one request after the other, each read whole before it is handled and
/// answered before the next is looked at.
@LoopActor
final class Connection {
  /// After the last answer, so much is still read and dropped.
  private static let droppedBytesMax = 4 * 1024 * 1024
  /// And for so long after bytes last came or went, in milliseconds.
  private static let closingMillisecondsMax: UInt64 = 3000

  let peer: String
  private unowned let server: HTTPServer
  var socket: PeerSocket?
  var phase = ConnectionPhase.head
  var input: [UInt8] = []
  private let parser: RequestParser
  private var hasSkippedBlankLine = false
  var output: ArraySlice<UInt8> = []
  /// Waits until `output` has left.
  private var writer: CheckedContinuation<Bool, Never>?
  private var source: BodySource?
  /// Whether `output` leaves at the end of the tick.
  var isHooked = false
  /// Whether the kernel takes no more for now.
  var isFull = false
  private var droppedBytes = 0
  /// When the phase began, or bytes last came or went, in the loop's milliseconds.
  var since = EventLoop.shared.nowMilliseconds
  /// When it was first seen to be closing.
  private var closingSince: UInt64?
  /// When the connection was opened, its last answer sent, or its present request begun.
  private var requestSince = EventLoop.shared.nowMilliseconds

  /// - Returns: nil when the connection can't be watched.
  init?(descriptor: Int32, peer: String, server: HTTPServer) {
    self.peer = peer
    self.server = server
    parser = RequestParser(headBytesMax: server.limits.headBytesMax)
    guard let socket = PeerSocket(descriptor: descriptor, { [unowned self] in self.onEvents($0) }) else { return nil }
    self.socket = socket
    socket.watch(.readable)
  }

  // MARK: What the server asks

  /// Whether a request is under way, from its complete head to the last byte of its answer.
  var isBusy: Bool {
    switch phase {
    case .head, .handed, .closing, .closed: false
    case .admitting, .body, .running, .sending, .stalled: true
    }
  }

  /// Since when it has no whole head, and so may be given up where others wait for a place; nil when it has one.
  var waitingSince: UInt64? {
    switch phase {
    case .head: requestSince
    case .closing: 0
    case .admitting, .body, .running, .sending, .stalled, .handed, .closed: nil
    }
  }

  /// Ends what takes too long.
  func sweep(_ now: UInt64, _ limits: HTTPServerLimits) {
    switch phase {
    case .head:
      if now - requestSince >= min(limits.requestTimeout, limits.idleTimeout).wholeMilliseconds { close() }
    case .body:
      if now - requestSince >= limits.requestTimeout.wholeMilliseconds { close() }
      if now - since >= limits.idleTimeout.wholeMilliseconds { close() }
    case .sending:
      if !output.isEmpty, now - since >= limits.idleTimeout.wholeMilliseconds { close() }
    case .stalled: if now - since >= limits.idleTimeout.wholeMilliseconds { close() }
    case .closing:
      let begun = closingSince ?? now
      closingSince = begun
      if now - since >= Self.closingMillisecondsMax || now - begun >= limits.endingMax.wholeMilliseconds { close() }
    case .admitting, .running, .handed, .closed: break
    }
  }

  /// Takes what has arrived before the server stops; a connection without a request then ends.
  func takeArrived() {
    if case .head = phase { onReadable() }
    if !isBusy { close() }
  }

  /// Ends the connection, whatever is under way. A handler that runs goes on, and its answer is dropped.
  func close(hard: Bool = false) {
    let exchange: HTTPExchange?
    var handed: HandedConnection?
    switch phase {
    case .closed: return
    case .head, .closing: exchange = nil
    case .handed(let connection): (exchange, handed) = (nil, connection)
    case .admitting(let known), .body(let known), .running(let known), .sending(let known), .stalled(let known):
      exchange = known
    }
    phase = .closed
    // A handler that still runs keeps this object, and nothing of the bytes.
    (input, output) = ([], [])
    exchange?.finish()
    source?.cancel()
    source = nil
    writer?.resume(returning: false)
    writer = nil
    socket?.close(hard: hard)
    socket = nil
    server.closed(self)
    handed?.ended()
  }

  // MARK: Reading

  private func onEvents(_ events: LoopPoll.Events) {
    if events.contains(.writable) { onWritable() }
    if events.contains(.readable) { onReadable() }
  }

  private func onReadable() {
    guard let socket else { return }
    switch phase {
    case .head, .body:
      switch socket.read() {
      case .bytes(let bytes):
        since = EventLoop.shared.nowMilliseconds
        // A kept connection's silence is not taken from the time of the request that ends it.
        if input.isEmpty, case .head = phase { requestSince = since }
        input.append(contentsOf: bytes)
        advance()
      case .nothing: break
      case .end, .lost: close()
      }
    case .closing: drop()
    case .handed(let connection):
      switch socket.read() {
      case .bytes(let bytes): connection.take(bytes)
      case .nothing: break
      case .end, .lost: close()
      }
    case .sending, .stalled:
      // With bytes of a further request waiting, the end behind them can't be seen: give up watching.
      switch socket.hasLeft() {
      case true?: close()
      case false?: break
      case nil: socket.watch(output.isEmpty ? [] : .writable)
      }
    case .admitting, .running:
      // What comes now is read when it is wanted.
      socket.watch([])
    case .closed: break
    }
  }

  private func drop() {
    switch socket?.read() {
    case .bytes(let bytes):
      droppedBytes += bytes.count
      if droppedBytes > Self.droppedBytesMax { close() }
    case .nothing: break
    case .end, .lost, nil: close()
    }
  }

  /// Goes on with the bytes that are here.
  private func advance() {
    do throws(ServerProblem) {
      if case .head = phase { try readHead() }
      if case .body(let exchange) = phase { try readBody(exchange) }
    } catch {
      refuse(error.response, HTTPRequest(path: "", id: RequestID.make()))
      return
    }
    watchReads()
  }

  private func watchReads() {
    switch phase {
    case .head, .body: socket?.watch(.readable)
    default: break
    }
  }

  private func readHead() throws(ServerProblem) {
    // RFC 9112, section 2.2: one empty line before a request is harmless.
    if !hasSkippedBlankLine, input.first == ASCII.cr {
      guard input.count > 1 else { return }
      if input[1] == ASCII.lf {
        input.removeFirst(2)
        hasSkippedBlankLine = true
      }
    }
    let read = try input.withUnsafeBufferPointer { bytes throws(ServerProblem) in
      try parser.readHead(UnsafeRawBufferPointer(bytes))
    }
    guard let read else { return }
    input.removeFirst(read.bytes)
    hasSkippedBlankLine = false
    let exchange: HTTPExchange
    do throws(ServerProblem) {
      exchange = try HTTPExchange(read.head, peer: peer, limits: server.limits, budget: server.budget)
    } catch {
      refuse(error.response, HTTPRequest(method: read.head.method, path: "", id: RequestID.of(read.head.headers)))
      return
    }
    since = EventLoop.shared.nowMilliseconds
    phase = .body(exchange)
    // A body that is here already needs nobody's leave: its handler looks at the head before it looks at the body.
    if case .length(let count) = read.head.framing, count > input.count { return admit(exchange) }
    if read.head.framing == .chunked { return admit(exchange) }
  }

  private func admit(_ exchange: HTTPExchange) {
    phase = .admitting(exchange)
    server.admit(exchange.request) { [self] admission in
      guard case .admitting(let current) = phase, current === exchange else { return }
      admitted(exchange, admission)
    }
  }

  private func admitted(_ exchange: HTTPExchange, _ admission: Admission) {
    switch admission {
    case .refused(let response):
      refuse(response, exchange.request)
    case .admitted(let share):
      exchange.share = share
      phase = .body(exchange)
      since = EventLoop.shared.nowMilliseconds
      if exchange.head.expectsContinue, input.isEmpty { put(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
      advance()
    }
  }

  private func readBody(_ exchange: HTTPExchange) throws(ServerProblem) {
    do throws(ServerProblem) {
      let count = try input.withUnsafeBufferPointer { bytes throws(ServerProblem) in
        try exchange.receive(UnsafeRawBufferPointer(bytes), with: parser)
      }
      input.removeFirst(count)
    } catch {
      refuse(error.response, exchange.request)
      return
    }
    guard parser.isDone else { return }
    phase = .running(exchange)
    // Not weakly: an object with weak references is dearer each time it is used, and a stream's is used very often.
    server.handle(exchange.request) { [self] response in
      guard case .running(let current) = phase, current === exchange else { return }
      answer(exchange, response)
    }
  }

  // MARK: Answering

  /// Answers a request that is not read to its end, as the last one of the connection.
  private func refuse(_ response: HTTPResponse, _ request: HTTPRequest) {
    if case .closed = phase { return }
    if case .admitting(let exchange) = phase { exchange.finish() }
    if case .body(let exchange) = phase { exchange.finish() }
    guard case .bytes(let body) = response.body,
      let head = ResponseHead.bytes(
        status: response.status, headers: server.identified(response.headers, request), framing: .length(body.count),
        isLast: true)
    else { return close() }
    input = []
    phase = .closing
    since = EventLoop.shared.nowMilliseconds
    put(request.method == "HEAD" ? head : head + body)
    if case .closing = phase, output.isEmpty { endWriting() }
    server.finished(self)
  }

  func endWriting() {
    socket?.endWriting()
    socket?.watch(.readable)
  }

  private func answer(_ exchange: HTTPExchange, _ response: HTTPResponse) {
    since = EventLoop.shared.nowMilliseconds
    switch response.abort {
    case .close?: return close()
    case .reset?: return close(hard: true)
    case .stall?:
      phase = .stalled(exchange)
      socket?.watch(.readable)
      return
    case nil: break
    }
    exchange.isLast = exchange.isLast || server.isStopping
    phase = .sending(exchange)
    if !send(exchange, response) { _ = send(exchange, ServerProblem.unusableAnswer.response) }
  }

  /// - Returns: false when the answer can't be sent.
  private func send(_ exchange: HTTPExchange, _ response: HTTPResponse) -> Bool {
    let framing: ResponseHead.Framing
    if response.status == 101 {
      guard case .handover = response.body, !exchange.head.isHTTP10 else { return false }
      exchange.isLast = false
    } else if case .handover = response.body {
      // Its end is the end of the connection.
      exchange.isLast = true
    }
    switch response.body {
    case _ where ResponseHead.isBodyless(response.status): framing = .none
    case .bytes(let bytes), .trickle(let bytes, _): framing = .length(bytes.count)
    case .stream where exchange.head.isHTTP10: framing = .untilEnd
    case .stream: framing = .chunked
    case .handover: framing = .untilEnd
    }
    guard
      var bytes = ResponseHead.bytes(
        status: response.status, headers: server.identified(response.headers, exchange.request), framing: framing,
        isLast: exchange.isLast)
    else { return false }
    let hasBody = exchange.request.method != "HEAD" && !ResponseHead.isBodyless(response.status)
    if hasBody, case .bytes(let body) = response.body { bytes += body }
    put(bytes)
    guard case .sending = phase else { return true }
    if case .handover(let take) = response.body, exchange.request.method != "HEAD" {
      hand(exchange, to: take)
      return true
    }
    switch response.body {
    case .trickle where hasBody, .stream where hasBody: feed(exchange, response.body, framing)
    default: if output.isEmpty { finished(exchange) }
    }
    return true
  }

  private func feed(_ exchange: HTTPExchange, _ body: HTTPResponse.Body, _ framing: ResponseHead.Framing) {
    socket?.watch(output.isEmpty ? .readable : [.readable, .writable])
    let isChunked = if case .chunked = framing { true } else { false }
    source = BodySource(body) { [weak self] piece in
      let bytes =
        isChunked ? Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [ASCII.cr, ASCII.lf] : piece
      return await self?.putAndWait(bytes) ?? false
    } end: { [weak self] in
      guard let self, case .sending(let current) = self.phase, current === exchange else { return }
      self.source = nil
      if isChunked { self.put(Array("0\r\n\r\n".utf8)) }
      if case .sending = self.phase, self.output.isEmpty { self.finished(exchange) }
    }
  }

  /// The whole answer has left.
  private func finished(_ exchange: HTTPExchange) {
    exchange.finish()
    since = EventLoop.shared.nowMilliseconds
    requestSince = since
    if exchange.isLast || server.isStopping {
      phase = .closing
      input = []
      endWriting()
      server.finished(self)
    } else {
      phase = .head
      advance()
    }
  }

  // MARK: Writing

  /// Sends what the kernel takes at once; the rest follows when there is room.
  private func put(_ bytes: [UInt8]) {
    output += bytes
    flush()
  }

  /// - Returns: false when nobody takes bytes any more.
  private func putAndWait(_ bytes: [UInt8]) async -> Bool {
    guard case .sending = phase else { return false }
    put(bytes)
    guard case .sending = phase else { return false }
    guard !output.isEmpty else { return true }
    return await withCheckedContinuation { writer = $0 }
  }

  func flush() {
    guard let socket, !output.isEmpty else { return }
    guard let count = socket.write(output) else { return close() }
    if count > 0 { since = EventLoop.shared.nowMilliseconds }
    output = count == output.count ? [] : output.dropFirst(count)
    isFull = !output.isEmpty
    if !output.isEmpty { socket.watch(socket.isWatchingReads ? [.readable, .writable] : .writable) }
  }

  /// There is room for more of what waits.
  private func onWritable() {
    flush()
    guard output.isEmpty else { return }
    socket?.watch(.readable)
    if let writer {
      self.writer = nil
      writer.resume(returning: true)
      return
    }
    switch phase {
    case .handed(let connection): connection.drained()
    case .sending(let exchange) where source == nil: finished(exchange)
    case .closing: endWriting()
    default: break
    }
  }
}
