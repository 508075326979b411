internal import CCurl
import EventLoop
import Glibc

/// One request under way in curl, and what has come back of it.
@LoopActor
final class Transfer {
  /// Largest head of an answer, in bytes.
  private static let headBytesMax = 64 * 1024
  /// What curl reads at once: a line and its head. A buffer of this size is one that the allocator keeps at hand.
  private static let bufferBytes = 1024
  /// Where answers may be larger than this, such as catalogues, curl has its usual buffer.
  private static let smallAnswerBytesMax = 64 * 1024
  private static let largeBufferBytes = 16 * 1024

  let request: HTTPClientRequest
  /// Among those of its client.
  let number: UInt64
  let endpoint: Endpoint
  /// The URL in two: curl writes a whole one several times.
  private let split: SplitURL?
  private let addresses: AddressRule
  let easy: UnsafeMutableRawPointer
  private let continuation: LoopContinuation<HTTPClientReply, any Error>
  private let clock = ContinuousClock()
  private let begun: ContinuousClock.Instant
  /// By the wall clock too.
  private let stopwatch = Stopwatch()
  private let headerList: HeaderList
  private var headers: [(name: String, value: String)] = []
  private var headBytes = 0
  private var setUpCode = CURLE_OK
  /// Whether curl took every option.
  var isSetUp: Bool { setUpCode == CURLE_OK }
  private var body: [UInt8] = []
  private var isTooLarge = false
  private var isTooLate = false
  /// The server spoke before it was asked.
  private var isTooEarly = false
  private var length = AnswerLength()
  private var isHeadRead = false
  /// The whole answer is there and the server has not closed the connection.
  private var waitsForEnd = false
  private let endWaits: EndWaits
  /// What it calls itself; nil: nothing.
  private let agent: String?
  /// Those made for this request.
  private var sockets: [curl_socket_t] = []
  /// Where the rule let it not connect.
  private var forbidden: IPAddress?
  /// Set the moment before curl writes the first byte of the request, and never taken back.
  private var hasLeft = false

  init(
    _ request: HTTPClientRequest, number: UInt64, endpoint: Endpoint, split: SplitURL?, headers: HeaderList,
    addresses: AddressRule,
    easy: UnsafeMutableRawPointer, continuation: LoopContinuation<HTTPClientReply, any Error>, endWaits: EndWaits,
    agent: String?
  ) {
    self.agent = agent
    self.endWaits = endWaits
    self.number = number
    headerList = headers
    self.split = split
    self.request = request
    self.endpoint = endpoint
    self.addresses = addresses
    self.easy = easy
    self.continuation = continuation
    begun = clock.now
  }

  // MARK: Setting up

  /// - Parameter isPrepared: the handle has had a request of the usual form, and still has all that such requests share.
  /// - Returns: what curl said to the first option that it refused; the request must not leave then.
  func setUp(isPrepared: Bool) -> CURLcode {
    let context = Unmanaged.passUnretained(self).toOpaque()
    if isPrepared {
      if let body = request.body { setBody(body) }
    } else {
      setRules()
      setMethodAndBody()
      check(sevk_curl_set_write(easy, CURLOPT_WRITEFUNCTION, onBody))
      check(sevk_curl_set_write(easy, CURLOPT_HEADERFUNCTION, onHeader))
    }
    set(CURLOPT_URL, split?.origin ?? request.url)
    if let split {
      set(CURLOPT_REQUEST_TARGET, split.target)
    } else {
      check(sevk_curl_set_pointer(easy, CURLOPT_REQUEST_TARGET, nil))
    }
    check(sevk_curl_set_pointer(easy, CURLOPT_HTTPHEADER, headerList.first))
    set(CURLOPT_TIMEOUT_MS, request.timeout.curlMilliseconds)
    set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.curlMilliseconds)
    // 0 is no limit: what is to be cut must come first.
    check(
      sevk_curl_set_size(easy, CURLOPT_MAXFILESIZE_LARGE, request.cutsAnswer ? 0 : max(1, request.bodyBytesMax)))
    set(
      CURLOPT_BUFFERSIZE,
      request.bodyBytesMax <= Self.smallAnswerBytesMax ? Self.bufferBytes : Self.largeBufferBytes)
    check(sevk_curl_set_pointer(easy, CURLOPT_WRITEDATA, context))
    check(sevk_curl_set_pointer(easy, CURLOPT_HEADERDATA, context))
    check(sevk_curl_set_prerequest(easy, onPrerequest, context))
    check(sevk_curl_set_open_socket(easy, onOpenSocket, context))
    return setUpCode
  }

  /// Nothing but this request goes to this server: no redirect, proxy, other protocol, or second try.
  private func setRules() {
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_PROXY, "")
    if let agent { set(CURLOPT_USERAGENT, agent) }
    // A name lookup that outlives its request must not block the loop when its handle is reused.
    set(CURLOPT_QUICK_EXIT, 1)
    if request.connection == .fresh {
      check(sevk_curl_set_abrupt_close(easy))
      set(CURLOPT_FRESH_CONNECT, 1)
      set(CURLOPT_FORBID_REUSE, 1)
    }
    if request.readsToEnd { set(CURLOPT_IGNORE_CONTENT_LENGTH, 1) }
  }

  private func setMethodAndBody() {
    switch (request.method, request.body) {
    case ("GET", nil): set(CURLOPT_HTTPGET, 1)
    case ("HEAD", _): set(CURLOPT_NOBODY, 1)
    case (let method, let body):
      setBody(body ?? [])
      set(CURLOPT_CUSTOMREQUEST, method)
    }
  }

  private func setBody(_ body: [UInt8]) {
    // First the size: without it curl would measure the bytes as a C string.
    check(sevk_curl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, body.count))
    if body.isEmpty {
      set(CURLOPT_COPYPOSTFIELDS, "")
    } else {
      body.withUnsafeBytes {
        check(sevk_curl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: $0.baseAddress)))
      }
    }
  }

  private func set(_ option: CURLoption, _ value: Int) { check(sevk_curl_set_long(easy, option, value)) }

  private func set(_ option: CURLoption, _ value: String) { check(sevk_curl_set_string(easy, option, value)) }

  private func check(_ code: CURLcode) {
    if setUpCode == CURLE_OK { setUpCode = code }
  }

  // MARK: Called by curl

  /// - Returns: a socket for a connection to `target`; none when the rule forbids that address, so that no byte goes there.
  func openSocket(_ target: UnsafeMutablePointer<curl_sockaddr>?) -> curl_socket_t {
    guard let target else { return sevk_curl_socket_bad() }
    if !addresses.isEverywhere {
      guard let address = IPAddress(target) else { return sevk_curl_socket_bad() }
      guard addresses.allows(address, host: endpoint.host) else {
        forbidden = address
        return sevk_curl_socket_bad()
      }
    }
    let socket = sevk_curl_open_socket(target)
    sockets.append(socket)
    return socket
  }

  /// - Returns: false when the request must not leave.
  func leave(fromPort port: Int32) -> Bool {
    // curl repeats a request when a kept connection ended under it. On a fresh one it has no reason to; should it ever
    // think otherwise, this is where it ends.
    if hasLeft, request.connection == .fresh { return false }
    if let notAfter = request.notAfter, begun + stopwatch.elapsed > notAfter {
      isTooLate = true
      return false
    }
    // What is there before the question was asked is no answer to it. (TLS has records of its own at this point.)
    if request.connection == .fresh, endpoint.scheme == "http",
      sockets.contains(where: { sevk_curl_has_input($0, port) != 0 })
    {
      isTooEarly = true
      return false
    }
    hasLeft = true
    headers = []
    body = []
    length = AnswerLength()
    return true
  }

  /// - Returns: false to end the transfer.
  func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard body.count + bytes.count <= request.bodyBytesMax else {
      if request.cutsAnswer { body.append(contentsOf: bytes.prefix(request.bodyBytesMax - body.count)) }
      isTooLarge = true
      return false
    }
    body.append(contentsOf: bytes)
    watchForEnd()
    return true
  }

  /// Whether all is there that the head announced, which it must have done.
  var hasAllOfBody: Bool { length.announced.map { body.count >= $0 } ?? false }

  /// Once all that was announced is there, only the end of the connection is due.
  private func watchForEnd() {
    guard !waitsForEnd, request.readsToEnd, hasAllOfBody else { return }
    waitsForEnd = true
    endWaits.add(easy, number)
  }

  /// - Returns: false to end the transfer.
  func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
    headBytes += bytes.count
    guard headBytes <= Self.headBytesMax else { return false }
    // An interim answer (100, 103) comes before the real one.
    if bytes.starts(with: "HTTP/".utf8) {
      headers = []
      length = AnswerLength()
      isHeadRead = false
      // What an interim answer announced says nothing of the real one.
      waitsForEnd = false
    }
    if bytes.first.map({ $0 == 0x0D || $0 == 0x0A }) ?? false {
      isHeadRead = true
      watchForEnd()
    }
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return true }
    let value = bytes[(colon + 1)...].drop { $0 <= 0x20 }
    let end = value.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? value.startIndex
    let header = (String(decoding: bytes[..<colon], as: UTF8.self), String(decoding: value[..<end], as: UTF8.self))
    headers.append(header)
    length.note(header)
    return true
  }

  // MARK: The end

  func finish(_ code: CURLcode) {
    let duration = clock.now - begun
    let isCut = request.readsToEnd && length.announced.map { body.count < $0 } ?? false
    // All that was announced is there; how the connection ends then, or that it does not in time, takes nothing away.
    let isWhole =
      request.readsToEnd && isHeadRead && length.announced == body.count
      && (code == CURLE_RECV_ERROR || code == CURLE_OPERATION_TIMEDOUT)
    let isEnough = request.cutsAnswer && isTooLarge && code == CURLE_WRITE_ERROR
    if code == CURLE_OK && !isCut || isWhole || isEnough {
      var lengthFault = request.readsToEnd ? length.fault(received: body.count) : nil
      switch PackedBody.unpack(body, headers, bytesMax: request.bodyBytesMax) {
      case .asItIs: break
      case .whole(let unpacked): body = unpacked
      case .tooLarge(let unpacked):
        guard request.cutsAnswer else {
          isTooLarge = true
          return fail(explain(CURLE_FILESIZE_EXCEEDED), .answer, duration: duration)
        }
        body = unpacked
      // Left as it came, for who wants to know the status only.
      case .damaged: lengthFault = lengthFault ?? "it came packed and can't be unpacked whole"
      }
      continuation.resume(
        returning: HTTPClientReply(
          status: sevk_curl_info_long(easy, CURLINFO_RESPONSE_CODE),
          contentType: sevk_curl_info_string(easy, CURLINFO_CONTENT_TYPE).map { String(cString: $0) },
          headers: headers, body: body, lengthFault: lengthFault,
          duration: duration))
    } else {
      let code = code == CURLE_OK ? CURLE_PARTIAL_FILE : code
      fail(explain(code), cause(code), duration: duration)
    }
  }

  /// Ends the transfer because the client is closed.
  func abandon() {
    fail("the client was closed before \(endpoint) answered", .answer, duration: clock.now - begun)
  }

  private func fail(_ why: HTTPTrouble, _ cause: HTTPClientError.Cause, duration: Duration) {
    // curl's own count of bytes is asked as well: both must say that nothing left.
    let isProvedUnsent = !hasLeft && sevk_curl_info_long(easy, CURLINFO_REQUEST_SIZE) == 0
    continuation.resume(
      throwing: HTTPClientError(
        reach: isProvedUnsent ? .notSent : .unknown, why, cause: cause, isProtocolFault: isTooEarly, duration: duration)
    )
  }

  private func cause(_ code: CURLcode) -> HTTPClientError.Cause {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: .name
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION: .tls
    case CURLE_OPERATION_TIMEDOUT: .timeout
    case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_SEND_ERROR, CURLE_RECV_ERROR: .answer
    default: hasLeft ? .answer : .connection
    }
  }

  private func explain(_ code: CURLcode) -> HTTPTrouble {
    if isTooLarge || code == CURLE_FILESIZE_EXCEEDED {
      return "the answer is larger than \(request.bodyBytesMax) bytes"
    }
    if isTooLate { return "the request to \(endpoint) was held up and not begun" }
    if isTooEarly { return "\(endpoint) answered before it was asked" }
    if headBytes > Self.headBytesMax { return "the head of the answer is larger than \(Self.headBytesMax) bytes" }
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: return "no address found for \(endpoint)"
    case CURLE_COULDNT_CONNECT:
      if let forbidden {
        return "\(endpoint) leads to \(forbidden), which is not public, so no connection was made"
          + (addresses.hint.isEmpty ? "" : "; \(addresses.hint)" as HTTPTrouble)
      }
      let reason = Int32(sevk_curl_info_long(easy, CURLINFO_OS_ERRNO))
      if reason == ECONNREFUSED { return "connection refused by \(endpoint)" }
      return "cannot connect to \(endpoint)"
        + (reason == 0 ? "" : ": \(String(cString: strerror(reason)).lowercased())" as HTTPTrouble)
    case CURLE_OPERATION_TIMEDOUT:
      return hasLeft
        ? "no whole answer from \(endpoint) within \(request.timeout)"
        : "no connection to \(endpoint) within \(min(request.connectTimeout, request.timeout))"
    case CURLE_SSL_CONNECT_ERROR: return "TLS handshake with \(endpoint) failed"
    case CURLE_PEER_FAILED_VERIFICATION: return "the certificate of \(endpoint) is not valid"
    case CURLE_GOT_NOTHING: return "\(endpoint) closed the connection without an answer"
    case CURLE_PARTIAL_FILE: return "\(endpoint) closed the connection in the middle of its answer"
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR: return "the connection to \(endpoint) was lost"
    default: return "the request to \(endpoint) failed: \(String(cString: curl_easy_strerror(code)).lowercased())"
    }
  }
}

extension Duration {
  /// At least 1, since 0 would mean no limit to curl.
  fileprivate var curlMilliseconds: Int { max(1, Int(clamping: min(wholeMilliseconds, UInt64(Int32.max)))) }
}
