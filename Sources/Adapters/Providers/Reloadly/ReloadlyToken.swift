extension Reloadly: TokenAdapter {
  private static let authURL = "https://auth.reloadly.com"
  /// Longer than any that was seen (60 days).
  private static let lifetimeSecondsMax = 90 * 86_400

  /// What a token is good for.
  struct Audience {
    /// As the token is asked for it.
    let url: String
    let isGiftCards: Bool

    /// - Parameter sandbox: of `topups` and `giftcards`, which of the two worlds.
    init?(_ text: String, sandbox: Bool) {
      switch text {
      case "topups", "giftcards":
        (url, isGiftCards) = ("https://\(text)\(sandbox ? "-sandbox" : "").reloadly.com", text == "giftcards")
      default:
        guard Reloadly.isURL(text) else { return nil }
        (url, isGiftCards) = (text, text.contains("giftcards"))
      }
    }

    /// Of an account, whose address says whether it is of the sandbox.
    init(_ account: ProviderAccount) {
      let text = account.credentials["audience"] ?? ""
      let found = Audience(text, sandbox: account.baseURL.contains("-sandbox."))
      (url, isGiftCards) = (found?.url ?? text, found?.isGiftCards ?? false)
    }
  }

  public func token(account: ProviderAccount) -> WireRequest {
    var body = JSONBody()
    body.add("client_id", secret: account.credentials["client_id"] ?? "")
    body.add("client_secret", secret: account.credentials["client_secret"] ?? "")
    body.add("grant_type", "client_credentials")
    body.add("audience", Audience(account).url)
    let base = account.credentials["auth_url"] ?? Self.authURL
    return RequestBuilder().request(base: base, path: "/oauth/token", body: body)
  }

  public func readToken(_ reply: WireReply) throws(TokenError) -> AccessToken {
    guard reply.status == 200, let json = WireJSON(reply.body) else {
      let message = WireJSON(reply.body)?["message"]?.scalar ?? ""
      throw TokenError("HTTP status \(reply.status)" + (message.isEmpty ? "" : ": \(message.shown)"))
    }
    guard case .text(let value)? = json["access_token"], !value.isEmpty,
      value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { throw TokenError("an answer without a token that could be used") }
    guard let seconds = json["expires_in"]?.scalar.flatMap({ Int($0) }), seconds > 0 else {
      throw TokenError("a token that does not say when it ends")
    }
    return AccessToken(value, lifetime: .seconds(min(seconds, Self.lifetimeSecondsMax)))
  }
}
