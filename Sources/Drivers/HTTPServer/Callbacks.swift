internal import CMicroHTTPD
import EventLoop

// What libmicrohttpd calls, always from within `MHD_run` or `MHD_stop_daemon`, so on the loop. The pointers are marked
// unsafe because the compiler cannot see that.

@LoopActor
private func server(_ context: UnsafeMutableRawPointer?) -> HTTPServer {
  guard let context else { preconditionFailure("libmicrohttpd lost its server") }
  return Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
}

/// A connection was accepted or closed; the slot keeps our ``Connection``.
let onConnection: MHD_NotifyConnectionCallback = { context, handle, slot, event in
  nonisolated(unsafe) let (context, handle, slot) = (context, handle, slot)
  LoopActor.assumeIsolated {
    guard let handle, let slot else { return }
    if event == .CONNECTION_NOTIFY_STARTED {
      slot.pointee = server(context).opened(handle)
    } else if let connection = slot.pointee {
      server(context).closed(connection)
    }
  }
}

/// Called for a complete head, for each piece of the body, and when the request is whole or its answer ready. The slot
/// keeps our ``HTTPExchange``.
let onRequest: MHD_AccessHandlerCallback = { context, handle, url, method, _, bytes, count, slot in
  nonisolated(unsafe) let (context, handle, url, method) = (context, handle, url, method)
  nonisolated(unsafe) let (bytes, count, slot) = (bytes, count, slot)
  return LoopActor.assumeIsolated {
    guard let handle, let url, let method, let count, let slot else { return .NO }
    guard let known = slot.pointee else {
      slot.pointee = server(context).begun(handle, method: String(cString: method), path: String(cString: url))
      return slot.pointee == nil ? .NO : .YES
    }
    let exchange = Unmanaged<HTTPExchange>.fromOpaque(known).takeUnretainedValue()
    guard count.pointee > 0 else { return server(context).proceed(exchange) ? .YES : .NO }
    let piece = UnsafeRawBufferPointer(start: bytes, count: count.pointee)
    count.pointee = 0
    return exchange.receive(piece) ? .YES : .NO
  }
}

/// A request is over: answered, or its connection is lost.
let onCompleted: MHD_RequestCompletedCallback = { context, _, slot, _ in
  nonisolated(unsafe) let (context, slot) = (context, slot)
  LoopActor.assumeIsolated {
    guard let slot, let known = slot.pointee else { return }
    slot.pointee = nil
    server(context).completed(Unmanaged<HTTPExchange>.fromOpaque(known).takeRetainedValue())
  }
}

/// Fills a piece of a body that is made while it is sent.
let onBody: MHD_ContentReaderCallback = { context, _, buffer, bytesMax in
  nonisolated(unsafe) let (context, buffer) = (context, buffer)
  return LoopActor.assumeIsolated {
    guard let context, let buffer else { return sevk_mhd_end_with_error() }
    return Unmanaged<BodyFeed>.fromOpaque(context).takeUnretainedValue().take(into: buffer, bytesMax: bytesMax)
  }
}

let onBodyReleased: MHD_ContentReaderFreeCallback = { context in
  if let context { Unmanaged<BodyFeed>.fromOpaque(context).release() }
}
