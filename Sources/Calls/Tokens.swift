import Adapters
import EventLoop

/// The tokens of all accounts, each asked for once for all who need it, and kept until shortly before it ends.
@LoopActor
final class Tokens {
  /// A token is renewed so long before its end, or at half of its life if that is shorter: the request that carries it
  /// still has to get there.
  static let marginMax = Duration.seconds(60)

  private struct Known {
    /// Another login or address has another token.
    let baseURL: String
    let credentials: [String: String]
    let token: AccessToken
    let until: ContinuousClock.Instant
  }

  private var known: [Int64: Known] = [:]
  private var asking: [Int64: SingleFlight<AccessToken, WireFailure>] = [:]

  nonisolated init() {}

  /// - Parameter ask: gets a new one from the provider.
  func token(
    of account: ProviderAccount, _ ask: @escaping @LoopActor () async throws(WireFailure) -> AccessToken
  ) async throws(WireFailure) -> AccessToken {
    if let known = known[account.id], known.baseURL == account.baseURL, known.credentials == account.credentials,
      ContinuousClock.now < known.until
    {
      return known.token
    }
    let question = asking[account.id] ?? SingleFlight()
    asking[account.id] = question
    return try await question.run { () async throws(WireFailure) -> AccessToken in
      let token = try await ask()
      self.known[account.id] = Known(
        baseURL: account.baseURL, credentials: account.credentials, token: token,
        until: ContinuousClock.now + token.lifetime - min(Self.marginMax, token.lifetime / 2))
      return token
    }
  }

  /// The provider takes `token` no more: the next request asks for another, unless one is there already.
  func forget(_ token: AccessToken, of account: ProviderAccount) {
    if known[account.id]?.token.value == token.value { known[account.id] = nil }
  }
}
