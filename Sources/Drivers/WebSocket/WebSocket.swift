internal import CWslay
public import EventLoop
import Glibc
public import HTTPServer

/// The server's side of a WebSocket connection; frames are wslay's matter.
///
/// A message is whole when it is handed on, at most ``Limits/messageBytesMax`` long, and text is UTF-8. Pings are answered.
/// What breaks the protocol ends the connection with the code that RFC 6455 has for it.
@LoopActor
public final class WebSocket {
  public struct Limits: Sendable {
    /// A longer message ends the connection with code 1009.
    public var messageBytesMax = 64 * 1024
    /// Answers to pings that may wait for a client who reads nothing; more end the connection.
    public var bytesWaitingMax = 1024 * 1024
    /// How long a client may take to answer a close.
    public var closeMax = Duration.seconds(5)
    public init() {}
  }

  public enum Message: Sendable, Equatable {
    case text(String)
    case binary([UInt8])
  }

  /// A close frame with code 1002.
  private static let protocolError: [UInt8] = [0x88, 0x02, 0x03, 0xEA]

  private let connection: HandedConnection
  private let limits: Limits
  private var context: wslay_event_context_ptr?
  /// Bytes that wslay is reading; valid in ``take(_:)`` only.
  private var incoming: UnsafeRawBufferPointer.SubSequence = UnsafeRawBufferPointer(start: nil, count: 0)[...]
  private var outgoing: [UInt8] = []
  private var isInside = false
  private var isClosing = false
  private var closeTimer: LoopTimer?
  /// Gets each message.
  public var onMessage: (@LoopActor (Message) -> Void)?
  /// Called when all that waited has left.
  public var onDrained: (@LoopActor () -> Void)? {
    didSet { connection.onDrained = onDrained }
  }
  /// Called once, at the end.
  public var onEnd: (@LoopActor () -> Void)?
  /// When the client was last heard of, in the loop's milliseconds.
  public private(set) var heardAt = EventLoop.shared.nowMilliseconds

  /// One for all connections, never freed.
  nonisolated(unsafe) private static let callbacks: UnsafeMutablePointer<wslay_event_callbacks> = {
    let callbacks = UnsafeMutablePointer<wslay_event_callbacks>.allocate(capacity: 1)
    callbacks.initialize(to: wslay_event_callbacks())
    callbacks.pointee.recv_callback = { context, bytes, count, _, user in
      guard let user else { return -1 }
      nonisolated(unsafe) let (from, to, itself) = (context, bytes, user)
      return LoopActor.assumeIsolated { WebSocket.of(itself).read(from, to, count) }
    }
    callbacks.pointee.send_callback = { _, bytes, count, _, user in
      guard let user else { return -1 }
      nonisolated(unsafe) let (from, itself) = (bytes, user)
      LoopActor.assumeIsolated { WebSocket.of(itself).outgoing += UnsafeBufferPointer(start: from, count: count) }
      return count
    }
    callbacks.pointee.on_msg_recv_callback = { _, argument, user in
      guard let argument, let user else { return }
      nonisolated(unsafe) let (message, itself) = (argument.pointee, user)
      LoopActor.assumeIsolated { WebSocket.of(itself).received(message) }
    }
    return callbacks
  }()

  /// - Returns: nil when there is no memory for it; the connection is cut then.
  public init?(_ connection: HandedConnection, limits: Limits = .init()) {
    self.connection = connection
    self.limits = limits
    guard wslay_event_context_server_init(&context, Self.callbacks, Unmanaged.passUnretained(self).toOpaque()) == 0
    else {
      connection.cut()
      return nil
    }
    wslay_event_config_set_max_recv_msg_length(context, UInt64(limits.messageBytesMax))
    connection.onBytes = { [weak self] in self?.take($0) }
    connection.onEnd = { [self] in self.ended() }
  }

  isolated deinit { if let context { wslay_event_context_free(context) } }

  /// Whether messages can be sent.
  public var isOpen: Bool { connection.isOpen && !isClosing }
  /// Bytes that were sent and that the client has not taken.
  public var bytesWaiting: Int { connection.bytesWaiting }

  /// Sends a text message; the bytes are UTF-8.
  public func send(text: [UInt8]) { queue(WSLAY_TEXT_FRAME, text) }

  /// Sends bytes.
  public func send(binary: [UInt8]) { queue(WSLAY_BINARY_FRAME, binary) }

  /// Asks the client whether it is there; its answer shows in ``heardAt``.
  public func ping() { queue(WSLAY_PING, []) }

  /// Ends the connection in order, with a code and a reason of at most 123 bytes; cut if the client does not answer it.
  public func close(code: UInt16, reason: String) {
    guard isOpen else { return }
    isClosing = true
    let reason = Array(reason.utf8.prefix(123))
    wslay_event_queue_close(context, code, reason, reason.count)
    flush()
    waitForClose()
  }

  /// Ends the connection at once.
  public func cut() { connection.cut() }

  // MARK: wslay

  private func queue(_ opcode: wslay_opcode, _ bytes: [UInt8]) {
    guard isOpen else { return }
    bytes.withUnsafeBufferPointer { buffer in
      var message = wslay_event_msg(opcode: UInt8(opcode.rawValue), msg: buffer.baseAddress, msg_length: buffer.count)
      wslay_event_queue_msg(context, &message)
    }
    flush()
  }

  /// Reads what has come, answers what wants an answer.
  private func take(_ bytes: UnsafeRawBufferPointer) {
    heardAt = EventLoop.shared.nowMilliseconds
    incoming = bytes[...]
    isInside = true
    let failed = wslay_event_recv(context) != 0
    isInside = false
    incoming = UnsafeRawBufferPointer(start: nil, count: 0)[...]
    guard !failed else {
      // What is wrong with a frame itself wslay answers without a code.
      if wslay_event_get_close_sent(context) == 0 { connection.write(Self.protocolError) }
      return connection.end()
    }
    flush()
    if connection.bytesWaiting > limits.bytesWaitingMax { connection.cut() }
  }

  private func flush() {
    guard !isInside, let context else { return }
    isInside = true
    let failed = wslay_event_send(context) != 0
    isInside = false
    if !outgoing.isEmpty {
      connection.write(outgoing)
      outgoing.removeAll(keepingCapacity: false)
    }
    guard !failed else { return connection.cut() }
    if wslay_event_get_close_sent(context) != 0 {
      isClosing = true
      // Both have said it, or there is nobody to talk to: what broke the protocol is read no further.
      if wslay_event_get_close_received(context) != 0 || wslay_event_get_read_enabled(context) == 0 {
        connection.end()
      } else {
        waitForClose()
      }
    }
  }

  private func waitForClose() {
    guard closeTimer == nil, connection.isOpen else { return }
    let timer = LoopTimer { [weak self] in self?.connection.end() }
    timer.start(after: limits.closeMax)
    closeTimer = timer
  }

  private func read(_ context: wslay_event_context_ptr?, _ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int) -> Int {
    guard let bytes, !incoming.isEmpty else {
      wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK.rawValue)
      return -1
    }
    let part = incoming.prefix(count)
    UnsafeMutableRawBufferPointer(start: bytes, count: count).copyBytes(from: part)
    incoming = incoming.dropFirst(part.count)
    return part.count
  }

  private func received(_ argument: wslay_event_on_msg_recv_arg) {
    let bytes = UnsafeBufferPointer(start: argument.msg, count: argument.msg_length)
    switch UInt32(argument.opcode) {
    case WSLAY_TEXT_FRAME.rawValue: onMessage?(.text(String(decoding: bytes, as: UTF8.self)))
    case WSLAY_BINARY_FRAME.rawValue: onMessage?(.binary(Array(bytes)))
    default: break
    }
  }

  private func ended() {
    closeTimer?.stop()
    closeTimer = nil
    isClosing = true
    let report = onEnd
    (onMessage, onDrained, onEnd) = (nil, nil, nil)
    report?()
  }

  private static func of(_ user: UnsafeMutableRawPointer) -> WebSocket {
    Unmanaged<WebSocket>.fromOpaque(user).takeUnretainedValue()
  }
}
