internal import CCurl
import EventLoop
import Glibc

/// One message on its way. Used on one thread, and there once.
final class MailTransfer: @unchecked Sendable {
  /// Kept of what the server says, in bytes.
  private static let answerBytesMax = 512

  private let mail: Mail
  private let host: String
  private let addresses: AddressRule
  private var recipients: UnsafeMutablePointer<curl_slist>?
  private var setUpCode = CURLE_OK
  /// Of the message, in bytes: curl has taken so many.
  private var position = 0
  private var lastLine: [UInt8] = []
  private var forbidden: IPAddress?

  init(_ mail: Mail, host: String, addresses: AddressRule) {
    (self.mail, self.host, self.addresses) = (mail, host, addresses)
  }

  /// Hands it over; waits for the server, and so blocks.
  func perform() -> MailResult {
    let begun = ContinuousClock.now
    guard let easy = curl_easy_init() else { return .unsent("curl could not be set up") }
    defer {
      curl_easy_cleanup(easy)
      curl_slist_free_all(recipients)
    }
    var code = setUp(easy)
    if code == CURLE_OK { code = curl_easy_perform(easy) }
    let answer = sevk_curl_info_long(easy, CURLINFO_RESPONSE_CODE)
    return MailResult(
      isTaken: code == CURLE_OK, code: answer > 0 ? answer : nil, wasWhole: position == mail.bytes.count,
      isLogin: code == CURLE_LOGIN_DENIED, words: words(code), duration: .now - begun)
  }

  private func setUp(_ easy: UnsafeMutableRawPointer) -> CURLcode {
    func set(_ option: CURLoption, _ value: Int) { check(sevk_curl_set_long(easy, option, value)) }
    func set(_ option: CURLoption, _ value: String) { check(sevk_curl_set_string(easy, option, value)) }
    let context = Unmanaged.passUnretained(self).toOpaque()
    var base = mail.url[...]
    while base.last == "/" { base.removeLast() }
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
    // Its path is what this side calls itself.
    set(CURLOPT_URL, "\(base)/\(mail.helo)")
    set(CURLOPT_PROXY, "")
    set(CURLOPT_QUICK_EXIT, 1)
    set(CURLOPT_FRESH_CONNECT, 1)
    set(CURLOPT_FORBID_REUSE, 1)
    // STARTTLS, or nothing is said; where it may be seen on its way, if there is STARTTLS.
    set(
      CURLOPT_USE_SSL,
      Int(addresses.allowsPlain(host: host) ? CURLUSESSL_TRY.rawValue : CURLUSESSL_ALL.rawValue))
    if let login = mail.login {
      set(CURLOPT_USERNAME, login.user)
      set(CURLOPT_PASSWORD, login.password)
    }
    set(CURLOPT_MAIL_FROM, "<\(mail.from)>")
    recipients = curl_slist_append(nil, "<\(mail.to)>")
    check(sevk_curl_set_pointer(easy, CURLOPT_MAIL_RCPT, recipients))
    set(CURLOPT_UPLOAD, 1)
    check(sevk_curl_set_size(easy, CURLOPT_INFILESIZE_LARGE, mail.bytes.count))
    set(CURLOPT_TIMEOUT_MS, max(1, Int(clamping: mail.timeout.wholeMilliseconds)))
    set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(clamping: mail.connectTimeout.wholeMilliseconds)))
    check(sevk_curl_set_write(easy, CURLOPT_READFUNCTION, onMailBytes))
    check(sevk_curl_set_pointer(easy, CURLOPT_READDATA, context))
    check(sevk_curl_set_write(easy, CURLOPT_HEADERFUNCTION, onMailLine))
    check(sevk_curl_set_pointer(easy, CURLOPT_HEADERDATA, context))
    check(sevk_curl_set_write(easy, CURLOPT_WRITEFUNCTION, onMailNothing))
    check(sevk_curl_set_open_socket(easy, onMailOpenSocket, context))
    return setUpCode
  }

  private func check(_ code: CURLcode) {
    if setUpCode == CURLE_OK { setUpCode = code }
  }

  // MARK: Called by curl, on the same thread

  func openSocket(_ target: UnsafeMutablePointer<curl_sockaddr>?) -> curl_socket_t {
    guard let target, let address = IPAddress(target) else { return sevk_curl_socket_bad() }
    guard addresses.allows(address, host: host) else {
      forbidden = address
      return sevk_curl_socket_bad()
    }
    return sevk_curl_open_socket(target)
  }

  /// Gives curl what follows of the message.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, mail.bytes.count - position)
    mail.bytes[position..<position + count].withUnsafeBytes { buffer.copyMemory(from: $0) }
    position += count
    return count
  }

  /// A line that the server said.
  func receive(_ bytes: UnsafeRawBufferPointer) {
    // That it says good-bye is no news.
    guard !bytes.starts(with: "221".utf8) else { return }
    lastLine = Array(bytes.prefix(Self.answerBytesMax))
  }

  private func words(_ code: CURLcode) -> String {
    if let forbidden {
      return "it leads to \(forbidden), which is not public, so no connection was made"
        + (addresses.hint.isEmpty ? "" : "; \(addresses.hint)")
    }
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: return "no address found for the mail server"
    case CURLE_COULDNT_CONNECT: return "cannot connect to the mail server"
    case CURLE_OPERATION_TIMEDOUT: return "no whole answer from the mail server in time"
    case CURLE_PEER_FAILED_VERIFICATION: return "the mail server's certificate is not valid"
    case CURLE_USE_SSL_FAILED: return "the mail server offers no TLS, without which nothing is said to it"
    case CURLE_SSL_CONNECT_ERROR: return "the TLS handshake with the mail server failed"
    case CURLE_OK, CURLE_LOGIN_DENIED, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_WEIRD_SERVER_REPLY:
      let said = String(decoding: lastLine, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init)
      if let said, !said.isEmpty, code != CURLE_RECV_ERROR { return "it said: \(said)" }
      return "the connection to the mail server was lost"
    default: return String(cString: curl_easy_strerror(code)).lowercased()
    }
  }
}
