internal import CUV
import Glibc

/// Where a byte stream connects to.
public enum SocketAddress: Sendable, Hashable, CustomStringConvertible {
  case tcp(host: String, port: Int)
  case unix(path: String)

  public var description: String {
    switch self {
    case .tcp(let host, let port): "\(host):\(port)"
    case .unix(let path): path
    }
  }
}

/// Why a stream could not be opened or ended.
public struct StreamError: Error, CustomStringConvertible {
  /// What was tried, and libuv's word for what went wrong.
  public let description: String
  init(_ description: String) { self.description = description }
  init(_ what: String, code: Int32) {
    self.init("\(what): \(String(cString: uv_strerror(code)))")
  }
}

/// A connected TCP or Unix socket that reads into callbacks and writes once a tick.
@LoopActor
public final class LoopStream {
  private static let readBytesMax = 65_536
  /// Shared by all streams: libuv reads into it and the callback consumes it before the next read.
  private static let readBuffer = UnsafeMutablePointer<CChar>.allocate(capacity: readBytesMax)

  private let stream: UnsafeMutablePointer<uv_stream_t>
  private var pending: [UInt8] = []
  private var isHooked = false
  private var isClosed = false
  private var onBytes: (@LoopActor (UnsafeRawBufferPointer) -> Void)?
  private var onEnd: (@LoopActor ((any Error)?) -> Void)?

  private init(stream: UnsafeMutablePointer<uv_stream_t>) { self.stream = stream }

  /// Opens a connection.
  ///
  /// - Throws: ``StreamError`` when the name is unknown, the connection refused, or `timeout` passes.
  public static func connect(to address: SocketAddress, timeout: Duration) async throws -> LoopStream {
    switch address {
    case .unix(let path):
      let pipe = UnsafeMutablePointer<uv_pipe_t>.allocate(capacity: 1)
      uv_pipe_init(EventLoop.shared.uv, pipe, 0)
      let handle = UnsafeMutableRawPointer(pipe)
      return try await finish(handle, to: address, timeout: timeout) { request, callback in
        uv_pipe_connect(request, pipe, path, callback)
        return 0
      }
    case .tcp(let host, let port):
      let deadline = EventLoop.shared.nowMilliseconds + timeout.wholeMilliseconds
      var failure: any Error = StreamError("cannot connect to \(address)", code: UV_ETIMEDOUT.rawValue)
      let addresses = try await Resolver.addresses(of: host, within: timeout)
      for (index, found) in addresses.enumerated() {
        let now = EventLoop.shared.nowMilliseconds
        guard now < deadline else { break }
        // One that swallows everything leaves the others their share of the time.
        let share = max(1, (deadline - now) / UInt64(addresses.count - index))
        do {
          return try await connect(found, port, to: address, timeout: .milliseconds(share))
        } catch {
          // The last address counts, as with libpq.
          failure = error
        }
      }
      throw failure
    }
  }

  private static func connect(
    _ numeric: String, _ port: Int, to address: SocketAddress, timeout: Duration
  ) async throws -> LoopStream {
    var found = sockaddr_storage()
    let code = withUnsafeMutablePointer(to: &found) {
      $0.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { uv_ip6_addr(numeric, Int32(port), $0) }
    }
    if code != 0 {
      let code = withUnsafeMutablePointer(to: &found) {
        $0.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { uv_ip4_addr(numeric, Int32(port), $0) }
      }
      guard code == 0 else { throw StreamError("cannot connect to \(address)", code: code) }
    }
    let tcp = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
    uv_tcp_init(EventLoop.shared.uv, tcp)
    uv_tcp_nodelay(tcp, 1)
    uv_tcp_keepalive(tcp, 1, 15)
    return try await finish(UnsafeMutableRawPointer(tcp), to: address, timeout: timeout) { request, callback in
      withUnsafePointer(to: &found) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { uv_tcp_connect(request, tcp, $0, callback) }
      }
    }
  }

  private typealias Callback = @convention(c) (UnsafeMutablePointer<uv_connect_t>?, Int32) -> Void

  private static func finish(
    _ handle: UnsafeMutableRawPointer, to address: SocketAddress, timeout: Duration,
    begin: (UnsafeMutablePointer<uv_connect_t>, Callback) -> Int32
  ) async throws -> LoopStream {
    var timedOut = false
    let timer = LoopTimer {
      timedOut = true
      // Closing the handle makes libuv answer the connect with ECANCELED.
      closeAndFree(handle)
    }
    timer.start(after: timeout)
    let code: Int32 = await withCheckedContinuation { continuation in
      let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
      request.pointee.data = Unmanaged.passRetained(ContinuationBox(continuation)).toOpaque()
      let failed = begin(request) { request, status in
        guard let request, let data = request.pointee.data else { return }
        request.deallocate()
        Unmanaged<ContinuationBox<Int32>>.fromOpaque(data).takeRetainedValue().continuation.resume(returning: status)
      }
      if failed != 0 {
        Unmanaged<ContinuationBox<Int32>>.fromOpaque(request.pointee.data).release()
        request.deallocate()
        continuation.resume(returning: failed)
      }
    }
    timer.stop()
    // The timer may have closed the handle after the connection was made, before this task ran again.
    guard code == 0, !timedOut else {
      if !timedOut { closeAndFree(handle) }
      throw StreamError("cannot connect to \(address)", code: timedOut ? UV_ETIMEDOUT.rawValue : code)
    }
    return LoopStream(stream: handle.assumingMemoryBound(to: uv_stream_t.self))
  }

  // MARK: Reading and writing

  /// Starts reading. `onBytes` gets each piece (valid only during the call); `onEnd` is called once, with nil when the
  /// peer closed the connection in order.
  public func read(
    onBytes: @escaping @LoopActor (UnsafeRawBufferPointer) -> Void,
    onEnd: @escaping @LoopActor ((any Error)?) -> Void
  ) {
    self.onBytes = onBytes
    self.onEnd = onEnd
    stream.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    uv_read_start(
      stream,
      { _, _, buffer in
        LoopActor.assumeIsolated {
          buffer?.pointee = uv_buf_init(LoopStream.readBuffer, UInt32(LoopStream.readBytesMax))
        }
      },
      { stream, count, buffer in
        guard let data = stream?.pointee.data else { return }
        let base = buffer?.pointee.base
        LoopActor.assumeIsolated {
          Unmanaged<LoopStream>.fromOpaque(data).takeUnretainedValue().didRead(count, base)
        }
      })
  }

  private func didRead(_ count: Int, _ base: UnsafeMutablePointer<CChar>?) {
    if count > 0, let base {
      onBytes?(UnsafeRawBufferPointer(start: base, count: count))
    } else if count < 0 {
      end(Int32(count) == UV_EOF.rawValue ? nil : StreamError("connection lost", code: Int32(count)))
    }
  }

  /// Appends `bytes` to what goes out at the end of the tick.
  public func write(_ bytes: some Sequence<UInt8>) {
    guard !isClosed else { return }
    pending.append(contentsOf: bytes)
    guard !isHooked else { return }
    isHooked = true
    EventLoop.shared.atEndOfTick { [weak self] in
      self?.isHooked = false
      self?.flush()
    }
  }

  /// Writes what was given at once rather than at the end of the tick.
  public func flush() {
    guard !isClosed, !pending.isEmpty else { return }
    let sent = pending.withUnsafeMutableBytes { bytes -> Int32 in
      var buffer = uv_buf_init(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(bytes.count))
      return uv_try_write(stream, &buffer, 1)
    }
    if sent == pending.count {
      pending.removeAll(keepingCapacity: true)
    } else if sent >= 0 || sent == UV_EAGAIN.rawValue {
      writeRest(Array(pending.dropFirst(max(0, Int(sent)))))
      pending.removeAll(keepingCapacity: true)
    } else {
      end(StreamError("cannot write", code: sent))
    }
  }

  /// The kernel's buffer is full: hand the rest to libuv, which keeps the order of writes.
  private func writeRest(_ bytes: [UInt8]) {
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count)
    memory.update(from: bytes, count: bytes.count)
    let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
    request.pointee.data = UnsafeMutableRawPointer(memory)
    var buffer = uv_buf_init(UnsafeMutableRawPointer(memory).assumingMemoryBound(to: CChar.self), UInt32(bytes.count))
    let failed = uv_write(request, stream, &buffer, 1) { request, _ in
      // A failed write also ends the reading side, which reports it.
      request?.pointee.data.deallocate()
      request?.deallocate()
    }
    if failed != 0 {
      memory.deallocate()
      request.deallocate()
      end(StreamError("cannot write", code: failed))
    }
  }

  private func end(_ error: (any Error)?) {
    let report = onEnd
    close()
    report?(error)
  }

  /// Closes the connection without calling `onEnd`.
  public func close() {
    guard !isClosed else { return }
    isClosed = true
    onBytes = nil
    onEnd = nil
    stream.pointee.data = nil
    closeAndFree(UnsafeMutableRawPointer(stream))
  }

  isolated deinit { close() }
}

private final class ContinuationBox<T: Sendable>: Sendable {
  let continuation: CheckedContinuation<T, Never>
  init(_ continuation: CheckedContinuation<T, Never>) { self.continuation = continuation }
}
