internal import CWslay
import EventLoop

/// The frames of the server's side of a connection, in both directions, without the connection: wslay and what it needs
/// from us.
@LoopActor
final class WebSocketFrames {
  /// Bytes that wslay is reading; valid in ``take(_:)`` only.
  private var incoming: UnsafeRawBufferPointer.SubSequence = UnsafeRawBufferPointer(start: nil, count: 0)[...]
  private var context: wslay_event_context_ptr?
  private var outgoing: [UInt8] = []
  private var isInside = false
  /// Gets each message.
  var onMessage: (@LoopActor (WebSocket.Message) -> Void)?

  /// One for all connections, never freed.
  nonisolated(unsafe) private static let callbacks: UnsafeMutablePointer<wslay_event_callbacks> = {
    let callbacks = UnsafeMutablePointer<wslay_event_callbacks>.allocate(capacity: 1)
    callbacks.initialize(to: wslay_event_callbacks())
    callbacks.pointee.recv_callback = { context, bytes, count, _, user in
      guard let user else { return -1 }
      nonisolated(unsafe) let (from, to, itself) = (context, bytes, user)
      return LoopActor.assumeIsolated { WebSocketFrames.of(itself).read(from, to, count) }
    }
    callbacks.pointee.send_callback = { _, bytes, count, _, user in
      guard let user else { return -1 }
      nonisolated(unsafe) let (from, itself) = (bytes, user)
      LoopActor.assumeIsolated {
        WebSocketFrames.of(itself).outgoing += UnsafeBufferPointer(start: from, count: count)
      }
      return count
    }
    callbacks.pointee.on_msg_recv_callback = { _, argument, user in
      guard let argument, let user else { return }
      nonisolated(unsafe) let (message, itself) = (argument.pointee, user)
      LoopActor.assumeIsolated { WebSocketFrames.of(itself).received(message) }
    }
    return callbacks
  }()

  /// - Parameter messageBytesMax: a longer message is answered with a close of code 1009.
  /// - Returns: nil when there is no memory for it.
  init?(messageBytesMax: Int) {
    guard wslay_event_context_server_init(&context, Self.callbacks, Unmanaged.passUnretained(self).toOpaque()) == 0
    else { return nil }
    wslay_event_config_set_max_recv_msg_length(context, UInt64(messageBytesMax))
  }

  isolated deinit { if let context { wslay_event_context_free(context) } }

  /// Whether a close frame was made.
  var hasSentClose: Bool { wslay_event_get_close_sent(context) != 0 }
  /// Whether nothing more is to be said: the client closed as well, or broke the protocol and is read no further.
  var isOver: Bool {
    hasSentClose && (wslay_event_get_close_received(context) != 0 || wslay_event_get_read_enabled(context) == 0)
  }

  /// Reads what has come. What wants an answer is answered by the next ``encoded()``.
  ///
  /// - Returns: false when a frame itself is wrong; nothing is read from then on.
  func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    incoming = bytes[...]
    isInside = true
    let failed = wslay_event_recv(context) != 0
    isInside = false
    incoming = UnsafeRawBufferPointer(start: nil, count: 0)[...]
    return !failed
  }

  /// Puts a message in line.
  func queue(_ opcode: wslay_opcode, _ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { buffer in
      var message = wslay_event_msg(opcode: UInt8(opcode.rawValue), msg: buffer.baseAddress, msg_length: buffer.count)
      wslay_event_queue_msg(context, &message)
    }
  }

  func queueClose(code: UInt16, reason: [UInt8]) { wslay_event_queue_close(context, code, reason, reason.count) }

  /// Whether wslay is at work: what it wants to be sent is asked for once it is done.
  var isBusy: Bool { isInside }

  /// What is to be sent, as frames.
  ///
  /// - Returns: nil when wslay fails.
  func encoded() -> [UInt8]? {
    isInside = true
    let failed = wslay_event_send(context) != 0
    isInside = false
    defer { outgoing.removeAll(keepingCapacity: false) }
    return failed ? nil : outgoing
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

  private static func of(_ user: UnsafeMutableRawPointer) -> WebSocketFrames {
    Unmanaged<WebSocketFrames>.fromOpaque(user).takeUnretainedValue()
  }
}
