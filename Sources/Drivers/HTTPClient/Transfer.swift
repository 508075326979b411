internal import CCurl
import EventLoop
import Glibc

/// One request under way in curl, and what has come back of it.
@LoopActor
final class Transfer {
  /// Largest head of an answer, in bytes.
  private static let headBytesMax = 64 * 1024

  let request: HTTPClientRequest
  let endpoint: Endpoint
  let easy: UnsafeMutableRawPointer
  private let continuation: CheckedContinuation<HTTPClientReply, any Error>
  private let clock = ContinuousClock()
  private let begun: ContinuousClock.Instant
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var headers: [(name: String, value: String)] = []
  private var headBytes = 0
  private var body: [UInt8] = []
  private var isTooLarge = false
  /// Set the moment before curl writes the first byte of the request, and never taken back.
  private var hasLeft = false

  init(
    _ request: HTTPClientRequest, endpoint: Endpoint, easy: UnsafeMutableRawPointer,
    continuation: CheckedContinuation<HTTPClientReply, any Error>
  ) {
    self.request = request
    self.endpoint = endpoint
    self.easy = easy
    self.continuation = continuation
    begun = clock.now
  }

  // MARK: Setting up

  func setUp() {
    let context = Unmanaged.passUnretained(self).toOpaque()
    sevk_curl_set_pointer(easy, CURLOPT_PRIVATE, context)
    setRules()
    sevk_curl_set_string(easy, CURLOPT_URL, request.url)
    setMethodAndBody()
    setHeaders()
    sevk_curl_set_long(easy, CURLOPT_TIMEOUT_MS, request.timeout.curlMilliseconds)
    sevk_curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.curlMilliseconds)
    sevk_curl_set_size(easy, CURLOPT_MAXFILESIZE_LARGE, max(1, Int(request.bodyBytesMax)))
    sevk_curl_set_write(easy, CURLOPT_WRITEFUNCTION, onBody)
    sevk_curl_set_pointer(easy, CURLOPT_WRITEDATA, context)
    sevk_curl_set_write(easy, CURLOPT_HEADERFUNCTION, onHeader)
    sevk_curl_set_pointer(easy, CURLOPT_HEADERDATA, context)
    sevk_curl_set_prerequest(easy, onPrerequest, context)
  }

  /// Nothing but this request goes to this server: no redirect, proxy, other protocol, or second try.
  private func setRules() {
    sevk_curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    sevk_curl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    sevk_curl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    sevk_curl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
    sevk_curl_set_string(easy, CURLOPT_PROXY, "")
    // A name lookup that outlives its request must not block the loop when its handle is reused.
    sevk_curl_set_long(easy, CURLOPT_QUICK_EXIT, 1)
    if request.connection == .fresh {
      sevk_curl_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
      sevk_curl_set_long(easy, CURLOPT_FORBID_REUSE, 1)
    }
  }

  private func setMethodAndBody() {
    switch (request.method, request.body) {
    case ("GET", nil): sevk_curl_set_long(easy, CURLOPT_HTTPGET, 1)
    case ("HEAD", nil): sevk_curl_set_long(easy, CURLOPT_NOBODY, 1)
    case (let method, let body):
      let body = body ?? []
      // First the size: without it curl would measure the bytes as a C string.
      sevk_curl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, body.count)
      body.withUnsafeBytes { bytes in
        var nothing: UInt8 = 0
        sevk_curl_set_pointer(
          easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress) ?? pointer(&nothing))
      }
      sevk_curl_set_string(easy, CURLOPT_CUSTOMREQUEST, method)
    }
  }

  private func setHeaders() {
    // Without a value, curl leaves out what it would add by itself.
    headerList = curl_slist_append(headerList, "Expect:")
    if !request.headers.contains(where: { $0.0.lowercased() == "content-type" }) {
      headerList = curl_slist_append(headerList, "Content-Type:")
    }
    for (name, value) in request.headers {
      // A header with an empty value is written with a semicolon.
      headerList = curl_slist_append(headerList, value.isEmpty ? "\(name);" : "\(name): \(value)")
    }
    sevk_curl_set_pointer(easy, CURLOPT_HTTPHEADER, headerList)
  }

  // MARK: Called by curl

  /// - Returns: false when the request must not leave.
  func leave() -> Bool {
    // curl repeats a request when a kept connection ended under it. On a fresh one it has no reason to; should it ever
    // think otherwise, this is where it ends.
    if hasLeft, request.connection == .fresh { return false }
    hasLeft = true
    headers = []
    body = []
    return true
  }

  /// - Returns: false to end the transfer.
  func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard body.count + bytes.count <= request.bodyBytesMax else {
      isTooLarge = true
      return false
    }
    body.append(contentsOf: bytes)
    return true
  }

  /// - Returns: false to end the transfer.
  func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
    headBytes += bytes.count
    guard headBytes <= Self.headBytesMax else { return false }
    // An interim answer (100, 103) comes before the real one.
    if bytes.starts(with: "HTTP/".utf8) { headers = [] }
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return true }
    let value = bytes[(colon + 1)...].drop { $0 <= 0x20 }
    let end = value.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? value.startIndex
    headers.append((String(decoding: bytes[..<colon], as: UTF8.self), String(decoding: value[..<end], as: UTF8.self)))
    return true
  }

  // MARK: The end

  func finish(_ code: CURLcode) {
    let duration = clock.now - begun
    if code == CURLE_OK {
      continuation.resume(
        returning: HTTPClientReply(
          status: sevk_curl_info_long(easy, CURLINFO_RESPONSE_CODE),
          contentType: sevk_curl_info_string(easy, CURLINFO_CONTENT_TYPE).map { String(cString: $0) },
          headers: headers, body: body, duration: duration))
    } else {
      fail(explain(code), duration: duration)
    }
    curl_slist_free_all(headerList)
    headerList = nil
  }

  /// Ends the transfer because the client is closed.
  func abandon() {
    fail("the client was closed before \(endpoint) answered", duration: clock.now - begun)
    curl_slist_free_all(headerList)
    headerList = nil
  }

  private func fail(_ why: String, duration: Duration) {
    // curl's own count of bytes is asked as well: both must say that nothing left.
    let isProvedUnsent = !hasLeft && sevk_curl_info_long(easy, CURLINFO_REQUEST_SIZE) == 0
    continuation.resume(
      throwing: HTTPClientError(reach: isProvedUnsent ? .notSent : .unknown, description: why, duration: duration))
  }

  private func explain(_ code: CURLcode) -> String {
    if isTooLarge || code == CURLE_FILESIZE_EXCEEDED {
      return "the answer is larger than \(request.bodyBytesMax) bytes"
    }
    if headBytes > Self.headBytesMax { return "the head of the answer is larger than \(Self.headBytesMax) bytes" }
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: return "no address found for \(endpoint)"
    case CURLE_COULDNT_CONNECT:
      let reason = Int32(sevk_curl_info_long(easy, CURLINFO_OS_ERRNO))
      if reason == ECONNREFUSED { return "connection refused by \(endpoint)" }
      return "cannot connect to \(endpoint)"
        + (reason == 0 ? "" : ": \(String(cString: strerror(reason)).lowercased())")
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

private func pointer(_ byte: UnsafeMutablePointer<UInt8>) -> UnsafeMutableRawPointer { UnsafeMutableRawPointer(byte) }

extension Duration {
  /// At least 1, since 0 would mean no limit to curl.
  fileprivate var curlMilliseconds: Int { max(1, Int(clamping: min(wholeMilliseconds, UInt64(Int32.max)))) }
}
