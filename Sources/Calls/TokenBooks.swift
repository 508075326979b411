public import Adapters

/// A login that gets tokens: another address or other credentials are another one, which must not get what this one gets.
public struct TokenLogin: Hashable, Sendable {
  public let provider: Int64
  public let baseURL: String
  /// Secret.
  public let credentials: [String: String]

  public init(_ account: ProviderAccount) {
    (provider, baseURL, credentials) = (account.id, account.baseURL, account.credentials)
  }
}

/// What who needs a token is told.
public enum TokenClaim: Sendable {
  /// There is one.
  ///
  /// - `lifetime` of the token counts from now.
  /// - `number` grows with each token of a login.
  case token(AccessToken, number: Int64)
  /// There is none that is good: ask for one, and say what became of it before the lease ends.
  case renew
  /// Another process is asking.
  case wait
  /// Another process asked a moment ago, and in vain.
  case failed
}

/// Where the processes keep the tokens that they share, so that one of them asks for all. Whoever can't reach it asks for itself.
public protocol TokenBooks: Sendable {
  /// - Parameters:
  ///   - refused: the number of the token that the provider takes no more.
  ///   - holder: who asks; one word that no other process has.
  ///   - lease: if it is to renew the token, nobody else is told so for so long.
  func claim(
    _ login: TokenLogin, refused: Int64?, holder: String, lease: Duration
  ) async throws -> TokenClaim
  /// Keeps what a holder got.
  ///
  /// - Returns: the token's number; nil where the lease went to another since.
  func keep(_ token: AccessToken, of login: TokenLogin, holder: String) async throws -> Int64?
  /// Gives a lease back without a token.
  ///
  /// - Parameter pause: nobody asks again before.
  func giveUp(_ login: TokenLogin, holder: String, pause: Duration) async throws
}
