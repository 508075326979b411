internal import CCurl
public import EventLoop
import Glibc

/// An HTTP/1.1 client for requests that cost money: libcurl's multi interface on the event loop.
///
/// It follows no redirect, uses no proxy and tries nothing a second time (but see
/// ``HTTPClientRequest/ConnectionUse/reuse``). When a request fails, ``HTTPClientError/reach`` says whether the server
/// may have it.
@LoopActor
public final class HTTPClient {
  private let connectionsMax: Int
  private let addresses: AddressRule
  private let agent: String?
  private var multi: UnsafeMutableRawPointer?
  private var isClosed = false
  private var sockets: SocketSet?
  private var timer: LoopTimer?
  private var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
  /// Handles to be used again: making one costs more than a request.
  private var idleHandles: [UnsafeMutableRawPointer] = []
  /// Those that are still set up for requests of a form.
  private var usualHandles: [HTTPClientRequest.Form: [UnsafeMutableRawPointer]] = [:]
  private var idleCount = 0
  private var requests: UInt64 = 0
  /// Those of the last request.
  private var headers: HeaderList?
  private let endpoints = Endpoints()
  private var endWaits: EndWaits?

  /// Makes a client; the first request sets it up.
  ///
  /// - Parameters:
  ///   - connectionsMax: most connections open at once. Requests above that wait, inside their own timeout.
  ///   - addresses: where it may connect; a request that leads elsewhere is provably not sent.
  ///   - agent: what it calls itself to servers (`User-Agent`), where a request has no other; nil: nothing.
  public nonisolated init(connectionsMax: Int = 64, addresses: AddressRule = .anywhere, agent: String? = nil) {
    self.agent = agent
    self.connectionsMax = connectionsMax
    self.addresses = addresses
  }

  /// Sends `request` and reads its answer.
  ///
  /// Cancelling the calling task does not abort a request under way: it may have reached the server, so its outcome
  /// must be learnt. Its ``HTTPClientRequest/timeout`` bounds the wait.
  ///
  /// - Throws: ``HTTPClientError``.
  public func perform(_ request: HTTPClientRequest) async throws -> HTTPClientReply {
    try await withLoopContinuation { continuation in
      do {
        try begin(request, continuation)
      } catch { continuation.resume(throwing: error) }
    }
  }

  /// - Throws: when the request was not even tried; else the continuation is resumed later.
  private func begin(
    _ request: HTTPClientRequest, _ continuation: LoopContinuation<HTTPClientReply, any Error>
  ) throws {
    func refusal(_ why: HTTPTrouble) -> HTTPClientError { HTTPClientError(reach: .notSent, why) }
    guard !isClosed else { throw refusal("the client is closed") }
    let split = endpoints.split(request.url)
    guard let endpoint = split?.endpoint ?? Endpoint(url: request.url) else {
      throw refusal("not a well-formed http or https URL")
    }
    let headers: HeaderList
    if let known = self.headers, known.fits(request), request.method.isHTTPToken {
      headers = known
    } else {
      guard request.method.isHTTPToken, request.headers.allSatisfy({ $0.0.isHTTPToken && $0.1.isHTTPValue }) else {
        throw refusal("the request to \(endpoint) has a malformed method or header")
      }
      headers = HeaderList(of: request)
      self.headers = headers
    }
    guard let multi = setUp(), let endWaits else { throw refusal("curl could not be set up") }
    let prepared = request.form.flatMap { usualHandles[$0]?.popLast() }
    let kept = prepared ?? idleHandles.popLast()
    if kept != nil { idleCount -= 1 }
    guard let easy = kept ?? curl_easy_init() else { throw refusal("curl could not be set up") }
    requests += 1
    let transfer = Transfer(
      request, number: requests, endpoint: endpoint, split: split, headers: headers, addresses: addresses, easy: easy,
      continuation: continuation, endWaits: endWaits, agent: agent)
    transfers[easy] = transfer
    let code = transfer.setUp(isPrepared: prepared != nil)
    if code != CURLE_OK {
      end(transfer, code)
    } else if curl_multi_add_handle(multi, easy) != CURLM_OK {
      end(transfer, CURLE_FAILED_INIT)
    }
  }

  /// Ends all connections and the requests under way; later requests fail.
  public func close() {
    guard !isClosed else { return }
    isClosed = true
    for (easy, transfer) in transfers {
      transfer.abandon()
      curl_multi_remove_handle(multi, easy)
      curl_easy_cleanup(easy)
    }
    transfers = [:]
    for easy in idleHandles + usualHandles.values.joined() { curl_easy_cleanup(easy) }
    (idleHandles, usualHandles, idleCount) = ([], [:], 0)
    endWaits?.close()
    endWaits = nil
    if let multi { curl_multi_cleanup(multi) }
    multi = nil
    timer = nil
    sockets?.close()
    sockets = nil
  }

  isolated deinit { close() }

  // MARK: On the loop

  static let isCurlReady: Bool = {
    // curl is told to leave signals alone, so a TLS connection that ends while it is written to would raise SIGPIPE.
    signal(SIGPIPE, SIG_IGN)
    return curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
  }()

  private func setUp() -> UnsafeMutableRawPointer? {
    if let multi { return multi }
    guard Self.isCurlReady, let made = curl_multi_init() else { return nil }
    guard let sockets = SocketSet({ [weak self] in self?.act($0, $1) }) else {
      curl_multi_cleanup(made)
      return nil
    }
    self.sockets = sockets
    endWaits = EndWaits { [weak self] in self?.endEarly($0, request: $1) }
    let context = Unmanaged.passUnretained(self).toOpaque()
    sevk_curl_multi_set_long(made, CURLMOPT_MAX_TOTAL_CONNECTIONS, connectionsMax)
    sevk_curl_multi_set_long(made, CURLMOPT_MAXCONNECTS, connectionsMax)
    sevk_curl_multi_set_long(made, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
    sevk_curl_multi_set_socket(made, onSocket, context)
    sevk_curl_multi_set_timer(made, onTimer, context)
    timer = LoopTimer { [weak self] in self?.act(sevk_curl_socket_timeout(), 0) }
    multi = made
    return made
  }

  private func act(_ descriptor: Int32, _ events: Int32) {
    guard let multi else { return }
    var running: Int32 = 0
    curl_multi_socket_action(multi, descriptor, events, &running)
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
        let transfer = transfers[easy]
      else { continue }
      // Before the handle is removed, which frees the message.
      let code = sevk_curl_message_result(message)
      curl_multi_remove_handle(multi, easy)
      end(transfer, code)
    }
  }

  private func end(_ transfer: Transfer, _ code: CURLcode) {
    transfer.finish(code)
    transfers[transfer.easy] = nil
    guard idleCount < connectionsMax else { return curl_easy_cleanup(transfer.easy) }
    idleCount += 1
    if let form = transfer.request.form, transfer.isSetUp {
      usualHandles[form, default: []].append(transfer.easy)
    } else {
      curl_easy_reset(transfer.easy)
      idleHandles.append(transfer.easy)
    }
  }

  /// Everything is there, and only the server's end of the connection is not.
  private func endEarly(_ easy: UnsafeMutableRawPointer, request: UInt64) {
    guard let multi, let transfer = transfers[easy], transfer.number == request, transfer.hasAllOfBody else { return }
    curl_multi_remove_handle(multi, easy)
    end(transfer, CURLE_OK)
  }

  // MARK: Called by curl

  func watch(_ descriptor: Int32, _ what: Int32) { sockets?.watch(descriptor, what) }

  func wake(afterMilliseconds milliseconds: Int) {
    if milliseconds < 0 { timer?.stop() } else { timer?.start(after: .milliseconds(milliseconds)) }
  }
}

extension String {
  /// A method or a header's name, as RFC 9110 has it.
  fileprivate var isHTTPToken: Bool {
    !isEmpty
      && utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
          || "!#$%&'*+-.^_`|~".utf8.contains(byte)
      }
  }

  /// No line break or other control character that would end a header.
  fileprivate var isHTTPValue: Bool { utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 } }
}
