public import Adapters
public import Calls
import Orders
public import Store

/// The tokens of providers, shared by way of PostgreSQL.
public struct StoredTokens: TokenBooks {
  private let tokens: ProviderTokens

  public init(_ store: Store) { tokens = ProviderTokens(store) }

  public func claim(
    _ login: TokenLogin, refused: Int64?, holder: String, lease: Duration
  ) async throws -> TokenClaim {
    switch try await tokens.claim(
      provider: login.provider, secrets: Self.secrets(login), refused: refused, holder: holder, lease: lease)
    {
    case .token(let value, let number, let lifetime):
      .token(AccessToken(value, lifetime: lifetime), number: number)
    case .renew: .renew
    case .wait: .wait
    case .failed: .failed
    }
  }

  public func keep(_ token: AccessToken, of login: TokenLogin, holder: String) async throws -> Int64? {
    try await tokens.keep(
      token.value, provider: login.provider, secrets: Self.secrets(login), holder: holder, lifetime: token.lifetime,
      renewIn: token.lifetime - token.margin)
  }

  public func giveUp(_ login: TokenLogin, holder: String, pause: Duration) async throws {
    try await tokens.giveUp(
      provider: login.provider, secrets: Self.secrets(login), holder: holder, pause: pause)
  }

  /// Each part with its length, so that no two logins are the same bytes.
  private static func secrets(_ login: TokenLogin) -> [UInt8] {
    let parts = [login.baseURL] + login.credentials.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
    return Array(parts.map { "\($0.utf8.count) \($0)" }.joined().utf8)
  }
}
