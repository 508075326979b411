internal import CCurl
import EventLoop

// As in `Callbacks.swift`: called from within a call into curl, so on the loop.

@LoopActor
private func transfer(_ context: UnsafeMutableRawPointer?) -> MailTransfer {
  guard let context else { preconditionFailure("curl lost its message") }
  return Unmanaged<MailTransfer>.fromOpaque(context).takeUnretainedValue()
}

@LoopActor
private func client(_ context: UnsafeMutableRawPointer?) -> MailClient {
  guard let context else { preconditionFailure("curl lost its client") }
  return Unmanaged<MailClient>.fromOpaque(context).takeUnretainedValue()
}

/// curl wants the message's next bytes.
let onMailBytes: sevk_curl_write = { bytes, size, count, context in
  nonisolated(unsafe) let (context, bytes) = (
    context, UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
  )
  return LoopActor.assumeIsolated { transfer(context).read(into: bytes) }
}

let onMailLine: sevk_curl_write = { bytes, _, count, context in
  nonisolated(unsafe) let (context, bytes) = (context, UnsafeRawBufferPointer(start: bytes, count: count))
  LoopActor.assumeIsolated { transfer(context).receive(bytes) }
  return count
}

/// Without a function curl would print it.
let onMailNothing: sevk_curl_write = { _, size, count, _ in size * count }

let onMailOpenSocket: curl_opensocket_callback = { context, _, target in
  nonisolated(unsafe) let (context, target) = (context, target)
  return LoopActor.assumeIsolated { transfer(context).openSocket(target) }
}

let onMailSocket: curl_socket_callback = { _, descriptor, what, context, _ in
  nonisolated(unsafe) let context = context
  LoopActor.assumeIsolated { client(context).watch(descriptor, what) }
  return 0
}

let onMailTimer: curl_multi_timer_callback = { _, milliseconds, context in
  nonisolated(unsafe) let context = context
  LoopActor.assumeIsolated { client(context).wake(afterMilliseconds: milliseconds) }
  return 0
}
