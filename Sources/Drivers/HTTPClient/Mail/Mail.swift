/// One message for one mail server.
public struct Mail: Sendable {
  /// `smtp://HOST:PORT`, or `smtps://` where TLS comes before all else.
  public let url: String
  /// Who logs in, and with what; nil: nobody.
  public let login: (user: String, password: String)?
  /// The mailboxes of the envelope.
  public let from: String
  public let to: String
  /// Headers and body, with CRLF at the ends of lines.
  public let bytes: [UInt8]
  /// What this side calls itself.
  public let helo: String
  /// For everything.
  public let timeout: Duration
  /// For finding the name, connecting and the TLS handshake.
  public let connectTimeout: Duration

  public init(
    url: String, login: (user: String, password: String)?, from: String, to: String, bytes: [UInt8], helo: String,
    timeout: Duration = .seconds(20), connectTimeout: Duration = .seconds(5)
  ) {
    (self.url, self.login, self.from, self.to, self.bytes) = (url, login, from, to, bytes)
    (self.helo, self.timeout, self.connectTimeout) = (helo, timeout, connectTimeout)
  }
}

/// What came of handing a message over.
public struct MailResult: Sendable {
  /// The server has it.
  public let isTaken: Bool
  /// The server's last answer; nil where it said none.
  public let code: Int?
  /// All of the message had left, so that the server may have it whatever it said.
  public let wasWhole: Bool
  /// It was the login that failed.
  public let isLogin: Bool
  /// What the server said last, or what went wrong: one line.
  public let words: String
  public let duration: Duration

  /// Nothing of it left.
  static func unsent(_ words: String) -> MailResult {
    MailResult(isTaken: false, code: nil, wasWhole: false, isLogin: false, words: words, duration: .zero)
  }
}
