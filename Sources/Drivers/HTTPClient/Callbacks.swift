internal import CCurl
import EventLoop

// What curl calls, always from within a call into curl, so on the loop. None of these calls into curl again. The
// pointers are marked unsafe because the compiler cannot see that these functions are on the loop already.

@LoopActor
private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer {
  guard let context else { preconditionFailure("curl lost its transfer") }
  return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
}

@LoopActor
private func client(_ context: UnsafeMutableRawPointer?) -> HTTPClient {
  guard let context else { preconditionFailure("curl lost its client") }
  return Unmanaged<HTTPClient>.fromOpaque(context).takeUnretainedValue()
}

let onBody: sevk_curl_write = { bytes, _, count, context in
  nonisolated(unsafe) let (context, bytes) = (context, UnsafeRawBufferPointer(start: bytes, count: count))
  return LoopActor.assumeIsolated { transfer(context).receiveBody(bytes) } ? count : 0
}

let onHeader: sevk_curl_write = { bytes, _, count, context in
  nonisolated(unsafe) let (context, bytes) = (context, UnsafeRawBufferPointer(start: bytes, count: count))
  return LoopActor.assumeIsolated { transfer(context).receiveHeader(bytes) } ? count : 0
}

/// curl is about to connect to this address.
let onOpenSocket: curl_opensocket_callback = { context, _, target in
  nonisolated(unsafe) let (context, target) = (context, target)
  return LoopActor.assumeIsolated { transfer(context).openSocket(target) }
}

/// There is a connection (and TLS on it); the first byte of the request is about to leave.
let onPrerequest: sevk_curl_prerequest = { context, _, _, _, localPort in
  nonisolated(unsafe) let context = context
  return LoopActor.assumeIsolated { transfer(context).leave(fromPort: localPort) }
    ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}

let onSocket: curl_socket_callback = { _, descriptor, what, context, _ in
  nonisolated(unsafe) let context = context
  LoopActor.assumeIsolated { client(context).watch(descriptor, what) }
  return 0
}

let onTimer: curl_multi_timer_callback = { _, milliseconds, context in
  nonisolated(unsafe) let context = context
  LoopActor.assumeIsolated { client(context).wake(afterMilliseconds: milliseconds) }
  return 0
}
