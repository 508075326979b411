internal import CSSL
public import EventLoop

/// A connection that TLS seals, on the loop: OpenSSL works on memory, and ``LoopStream`` carries what it makes of it.
@LoopActor
public final class TLSStream: ByteStream {
  private static let readBytesMax = 65_536
  /// Shared by all streams: the callback consumes it before the next read.
  private static let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: readBytesMax, alignment: 16)

  private let stream: LoopStream
  private let context: TLSContext
  private let host: String
  private let ssl: OpaquePointer
  /// What came and OpenSSL has not read; what OpenSSL made and is to go out. Both are freed with ``ssl``.
  private let incoming, outgoing: OpaquePointer
  private var isClosed = false
  private var isSealed = false
  /// How the stream ended before anybody read; what came before that is read first.
  private var early: Result<Void, any Error>?
  /// Set until the handshake is over.
  private var handshake: CheckedContinuation<Result<Void, TLSError>, Never>?
  private var handshakeTimer: LoopTimer?
  private var onBytes: (@LoopActor (UnsafeRawBufferPointer) -> Void)?
  private var onEnd: (@LoopActor ((any Error)?) -> Void)?

  /// Connects, and makes sure of the server: its certificate is of a CA that is trusted, valid now, and for `host`.
  ///
  /// - Parameters:
  ///   - host: the name or address that the certificate must be for.
  ///   - timeout: for the connection and the handshake together.
  /// - Throws: ``StreamError`` where there is no connection, ``TLSError`` where it can't be trusted.
  public static func connect(to address: SocketAddress, host: String, context: TLSContext, timeout: Duration)
    async throws -> TLSStream
  {
    let begun = EventLoop.shared.nowMilliseconds
    let stream = try await LoopStream.connect(to: address, timeout: timeout)
    let spent = Duration.milliseconds(Int64(EventLoop.shared.nowMilliseconds - begun))
    let new = try TLSStream(stream, context, host)
    try await new.shakeHands(within: max(timeout - spent, .milliseconds(1)))
    return new
  }

  private init(_ stream: LoopStream, _ context: TLSContext, _ host: String) throws(TLSError) {
    guard let ssl = SSL_new(context.context), let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem())
    else { throw TLSError(.broken, "OpenSSL finds no memory") }
    (self.stream, self.context, self.host, self.ssl) = (stream, context, host, ssl)
    (self.incoming, self.outgoing) = (incoming, outgoing)
    SSL_set_bio(ssl, incoming, outgoing)
    SSL_set_connect_state(ssl)
    // A zone is this machine's own, and a last full stop no part of a certificate's names.
    let zone = host.firstIndex(of: "%") ?? host.endIndex
    let name = String(Resolver.isAddress(host) ? host[..<zone] : host.hasSuffix(".") ? host.dropLast() : host[...])
    let isNamed: Bool
    if Resolver.isAddress(host) {
      isNamed = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1
    } else {
      SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
      isNamed = !name.isEmpty && SSL_set1_host(ssl, name) == 1 && sevk_tls_set_server_name(ssl, name) == 1
    }
    // Without a name OpenSSL would check none.
    guard isNamed else {
      stream.close()
      isClosed = true
      throw TLSError(.notTrusted, "its name \(host) can be in no certificate")
    }
  }

  isolated deinit {
    close()
    SSL_free(ssl)
  }

  // MARK: The handshake

  private func shakeHands(within limit: Duration) async throws(TLSError) {
    let timer = LoopTimer { [weak self] in
      self?.endHandshake(
        .failure(TLSError(.noTLS, "did not finish the TLS handshake in time; does it speak TLS at that port?")))
    }
    handshakeTimer = timer
    timer.start(after: limit)
    let result: Result<Void, TLSError> = await withCheckedContinuation { continuation in
      handshake = continuation
      stream.read(
        onBytes: { [weak self] in self?.received($0) },
        onEnd: { [weak self] in self?.streamEnded($0) })
      advanceHandshake()
    }
    do { try result.get() } catch {
      close()
      throw error
    }
  }

  private func advanceHandshake() {
    ERR_clear_error()
    let code = SSL_do_handshake(ssl)
    let failure = code == 1 ? nil : self.failure(of: code)
    // A failure sends an alert, which tells the other side why.
    sendSealed()
    if code == 1 {
      isSealed = true
      endHandshake(.success(()))
    } else if let failure {
      stream.flush()
      endHandshake(.failure(failure))
    }
  }

  private func endHandshake(_ result: Result<Void, TLSError>) {
    handshakeTimer?.stop()
    handshakeTimer = nil
    let waiting = handshake
    handshake = nil
    waiting?.resume(returning: result)
  }

  // MARK: Reading

  public func read(
    onBytes: @escaping @LoopActor (UnsafeRawBufferPointer) -> Void,
    onEnd: @escaping @LoopActor ((any Error)?) -> Void
  ) {
    guard !isClosed else { return onEnd(TLSError(.broken, "was closed before it could be used")) }
    self.onBytes = onBytes
    self.onEnd = onEnd
    // What came with the end of the handshake.
    open()
    if let early {
      if case .failure(let error) = early { end(error) } else { end(nil) }
    }
  }

  private func received(_ bytes: UnsafeRawBufferPointer) {
    guard BIO_write(incoming, bytes.baseAddress, Int32(bytes.count)) == Int32(bytes.count) else {
      return end(TLSError(.broken, "sent more than there is memory for"))
    }
    if !isSealed { advanceHandshake() }
    if isSealed { open() }
  }

  /// Gives what OpenSSL can open to who reads.
  private func open() {
    while !isClosed, let onBytes {
      ERR_clear_error()
      var count = 0
      let code = SSL_read_ex(ssl, Self.readBuffer.baseAddress, Self.readBytesMax, &count)
      guard code == 1 else {
        let isEnd = SSL_get_error(ssl, code) == SSL_ERROR_ZERO_RETURN
        let failure = isEnd ? nil : self.failure(of: code)
        sendSealed()
        if isEnd { end(nil) } else if let failure { end(failure) }
        return
      }
      onBytes(UnsafeRawBufferPointer(start: Self.readBuffer.baseAddress, count: count))
    }
  }

  private func streamEnded(_ error: (any Error)?) {
    guard handshake == nil else {
      return endHandshake(
        .failure(
          TLSError(.noTLS, "ended the connection during the TLS handshake (\(error.map { "\($0)" } ?? "closed"))")))
    }
    if onEnd == nil { early = error.map { .failure($0) } ?? .success(()) } else { end(error) }
  }

  private func end(_ error: (any Error)?) {
    let report = onEnd
    close()
    report?(error)
  }

  // MARK: Writing

  public func write(_ bytes: [UInt8]) {
    guard !isClosed, !bytes.isEmpty else { return }
    ERR_clear_error()
    var count = 0
    // Memory takes all of it at once.
    guard SSL_write_ex(ssl, bytes, bytes.count, &count) == 1, count == bytes.count else {
      return end(failure(of: 0) ?? TLSError(.broken, "cannot be written to"))
    }
    sendSealed()
  }

  public func flush() { stream.flush() }

  private func sendSealed() {
    let count = BIO_ctrl_pending(outgoing)
    guard count > 0, !isClosed else { return }
    let sealed = [UInt8](unsafeUninitializedCapacity: count) { bytes, filled in
      filled = max(0, Int(BIO_read(outgoing, bytes.baseAddress, Int32(count))))
    }
    stream.write(sealed)
  }

  public func close() {
    guard !isClosed else { return }
    if isSealed {
      ERR_clear_error()
      SSL_shutdown(ssl)
      sendSealed()
      stream.flush()
      ERR_clear_error()
    }
    isClosed = true
    (onBytes, onEnd) = (nil, nil)
    stream.close()
  }

  /// What OpenSSL complains of; nil when it only waits for more.
  private func failure(of code: Int32) -> TLSError? {
    switch SSL_get_error(ssl, code) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return nil
    default:
      let error = ERR_get_error()
      ERR_clear_error()
      return TLSWords.error(
        reason: sevk_tls_error_reason(error), isOfTLS: sevk_tls_error_library(error) == ERR_LIB_SSL,
        text: ERR_reason_error_string(error).map { String(cString: $0) } ?? "no reason given",
        verified: SSL_get_verify_result(ssl), host: host, files: context.files)
    }
  }
}
