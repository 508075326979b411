internal import CCurl
public import EventLoop
import Glibc

/// Hands messages to mail servers: libcurl's SMTP on the event loop. Each has a connection of its own and is tried once.
///
/// What goes to a public host goes over TLS, or not at all; only where the rule names a host may it be seen on its way.
@LoopActor
public final class MailClient {
  private let addresses: AddressRule
  private var multi: UnsafeMutableRawPointer?
  private var isClosed = false
  private var sockets: SocketSet?
  private var timer: LoopTimer?
  private var transfers: [UnsafeMutableRawPointer: MailTransfer] = [:]

  /// - Parameter addresses: where it may connect.
  public nonisolated init(addresses: AddressRule = .anywhere) { self.addresses = addresses }

  /// Hands one message over. Cancelling the task does not abort it: it may have reached the server.
  public func send(_ mail: Mail) async -> MailResult {
    await withCheckedContinuation { begin(mail, $0) }
  }

  private func begin(_ mail: Mail, _ continuation: CheckedContinuation<MailResult, Never>) {
    func refuse(_ words: String) {
      continuation.resume(
        returning: MailResult(
          isTaken: false, code: nil, wasWhole: false, isLogin: false, words: words, duration: .zero))
    }
    guard !isClosed else { return refuse("the client is closed") }
    guard let parts = URLParts(mail.url), ["smtp", "smtps"].contains(parts.scheme) else {
      return refuse("not a well-formed smtp or smtps URL")
    }
    guard let multi = setUp(), let easy = curl_easy_init() else { return refuse("curl could not be set up") }
    let transfer = MailTransfer(mail, host: parts.host, addresses: addresses, easy: easy, continuation: continuation)
    transfers[easy] = transfer
    let code = transfer.setUp()
    if code != CURLE_OK {
      end(transfer, code)
    } else if curl_multi_add_handle(multi, easy) != CURLM_OK {
      end(transfer, CURLE_FAILED_INIT)
    }
  }

  /// Ends what is under way; what comes later fails.
  public func close() {
    guard !isClosed else { return }
    isClosed = true
    for (easy, transfer) in transfers {
      curl_multi_remove_handle(multi, easy)
      transfer.finish(CURLE_ABORTED_BY_CALLBACK)
      curl_easy_cleanup(easy)
    }
    transfers = [:]
    if let multi { curl_multi_cleanup(multi) }
    multi = nil
    timer = nil
    sockets?.close()
    sockets = nil
  }

  isolated deinit { close() }

  // MARK: On the loop

  private func setUp() -> UnsafeMutableRawPointer? {
    if let multi { return multi }
    guard HTTPClient.isCurlReady, let made = curl_multi_init() else { return nil }
    guard let sockets = SocketSet({ [weak self] in self?.act($0, $1) }) else {
      curl_multi_cleanup(made)
      return nil
    }
    self.sockets = sockets
    let context = Unmanaged.passUnretained(self).toOpaque()
    sevk_curl_multi_set_socket(made, onMailSocket, context)
    sevk_curl_multi_set_timer(made, onMailTimer, context)
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

  private func end(_ transfer: MailTransfer, _ code: CURLcode) {
    transfers[transfer.easy] = nil
    transfer.finish(code)
    curl_easy_cleanup(transfer.easy)
  }

  // MARK: Called by curl

  func watch(_ descriptor: Int32, _ what: Int32) { sockets?.watch(descriptor, what) }

  func wake(afterMilliseconds milliseconds: Int) {
    if milliseconds < 0 { timer?.stop() } else { timer?.start(after: .milliseconds(milliseconds)) }
  }
}
