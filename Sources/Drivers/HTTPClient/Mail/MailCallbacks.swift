internal import CCurl

// What curl calls, on the thread of the message.

private func transfer(_ context: UnsafeMutableRawPointer?) -> MailTransfer {
  guard let context else { preconditionFailure("curl lost its message") }
  return Unmanaged<MailTransfer>.fromOpaque(context).takeUnretainedValue()
}

/// curl wants the message's next bytes.
let onMailBytes: sevk_curl_write = { bytes, size, count, context in
  transfer(context).read(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
}

let onMailLine: sevk_curl_write = { bytes, size, count, context in
  transfer(context).receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
  return size * count
}

/// Without a function curl would print it.
let onMailNothing: sevk_curl_write = { _, size, count, _ in size * count }

let onMailOpenSocket: curl_opensocket_callback = { context, _, target in transfer(context).openSocket(target) }
