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
  private let frames: WebSocketFrames
  private var isClosing = false
  private var closeTimer: LoopTimer?
  /// Gets each message.
  public var onMessage: (@LoopActor (Message) -> Void)? {
    didSet { frames.onMessage = onMessage }
  }
  /// Called when all that waited has left.
  public var onDrained: (@LoopActor () -> Void)? {
    didSet { connection.onDrained = onDrained }
  }
  /// Called once, at the end.
  public var onEnd: (@LoopActor () -> Void)?
  /// When the client was last heard of, in the loop's milliseconds.
  public private(set) var heardAt = EventLoop.shared.nowMilliseconds

  /// - Returns: nil when there is no memory for it; the connection is cut then.
  public init?(_ connection: HandedConnection, limits: Limits = .init()) {
    guard let frames = WebSocketFrames(messageBytesMax: limits.messageBytesMax) else {
      connection.cut()
      return nil
    }
    self.connection = connection
    self.limits = limits
    self.frames = frames
    // The connection lets go of both when it ends. A weak reference would make each use of this object dearer.
    connection.onBytes = { [self] in self.take($0) }
    connection.onEnd = { [self] in self.ended() }
  }

  /// Whether messages can be sent.
  public var isOpen: Bool { connection.isOpen && !isClosing }
  /// Bytes that were sent and that the client has not taken.
  public var bytesWaiting: Int { connection.bytesWaiting }

  /// Sends a text message; the bytes are UTF-8.
  public func send(text: [UInt8]) { queue(WSLAY_TEXT_FRAME, text) }

  /// Sends whole text messages that were made frames once, for all who get them.
  ///
  /// - Parameter texts: the same as messages.
  public func send(frames ready: [UInt8], texts: () -> [[UInt8]]) {
    guard isOpen else { return }
    // Nothing is in line before them, since all that is queued is flushed at once; but while a message is read.
    guard frames.isBusy else { return connection.write(ready) }
    for text in texts() { frames.queue(WSLAY_TEXT_FRAME, text) }
  }

  /// Sends bytes.
  public func send(binary: [UInt8]) { queue(WSLAY_BINARY_FRAME, binary) }

  /// Asks the client whether it is there; its answer shows in ``heardAt``.
  public func ping() { queue(WSLAY_PING, []) }

  /// Ends the connection in order, with a code and a reason of at most 123 bytes; cut if the client does not answer it.
  public func close(code: UInt16, reason: String) {
    guard isOpen else { return }
    isClosing = true
    let reason = Array(reason.utf8.prefix(123))
    frames.queueClose(code: code, reason: reason)
    flush()
    waitForClose()
  }

  /// Ends the connection at once.
  public func cut() { connection.cut() }

  // MARK: wslay

  private func queue(_ opcode: wslay_opcode, _ bytes: [UInt8]) {
    guard isOpen else { return }
    frames.queue(opcode, bytes)
    flush()
  }

  /// Reads what has come, answers what wants an answer.
  private func take(_ bytes: UnsafeRawBufferPointer) {
    heardAt = EventLoop.shared.nowMilliseconds
    guard frames.take(bytes) else {
      // What is wrong with a frame itself wslay answers without a code.
      if !frames.hasSentClose { connection.write(Self.protocolError) }
      return connection.end()
    }
    flush()
    if connection.bytesWaiting > limits.bytesWaitingMax { connection.cut() }
  }

  private func flush() {
    guard !frames.isBusy else { return }
    guard let bytes = frames.encoded() else { return connection.cut() }
    if !bytes.isEmpty { connection.write(bytes) }
    if frames.hasSentClose {
      isClosing = true
      // Both have said it, or there is nobody to talk to: what broke the protocol is read no further.
      if frames.isOver { connection.end() } else { waitForClose() }
    }
  }

  private func waitForClose() {
    guard closeTimer == nil, connection.isOpen else { return }
    let timer = LoopTimer { [weak self] in self?.connection.end() }
    timer.start(after: limits.closeMax)
    closeTimer = timer
  }

  private func ended() {
    closeTimer?.stop()
    closeTimer = nil
    isClosing = true
    let report = onEnd
    (onMessage, onDrained, onEnd) = (nil, nil, nil)
    report?()
  }
}
