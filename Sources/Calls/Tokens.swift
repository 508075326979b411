import Adapters
import EventLoop

/// The tokens of all accounts, each asked for once for all who need it, and kept until shortly before it ends.
@LoopActor
final class Tokens {
  /// A token is renewed so long before its end, or at half of its life if that is shorter: the request that carries it
  /// still has to get there.
  static let marginMax = Duration.seconds(60)

  /// Another login or address has another token, and another question for it: who has the new login must not get, nor
  /// wait for, what the old one gives.
  private struct Login: Hashable {
    let provider: Int64
    let baseURL: String
    let credentials: [String: String]

    init(_ account: ProviderAccount) {
      (provider, baseURL, credentials) = (account.id, account.baseURL, account.credentials)
    }
  }

  private struct Known {
    let token: AccessToken
    let until: ContinuousClock.Instant
  }

  private var known: [Login: Known] = [:]
  private var asking: [Login: SingleFlight<AccessToken, WireFailure>] = [:]

  nonisolated init() {}

  /// - Parameter ask: gets a new one from the provider.
  func token(
    of account: ProviderAccount, _ ask: @escaping @LoopActor () async throws(WireFailure) -> AccessToken
  ) async throws(WireFailure) -> AccessToken {
    let login = Login(account)
    if let known = known[login], ContinuousClock.now < known.until { return known.token }
    let question = asking[login] ?? SingleFlight()
    asking[login] = question
    return try await question.run { () async throws(WireFailure) -> AccessToken in
      defer { self.asking[login] = nil }
      let token = try await ask()
      // What an earlier login of the provider had is of no use any more.
      self.known = self.known.filter { $0.key.provider != login.provider }
      self.known[login] = Known(
        token: token, until: ContinuousClock.now + token.lifetime - min(Self.marginMax, token.lifetime / 2))
      return token
    }
  }

  /// The provider takes `token` no more: the next request asks for another, unless one is there already.
  func forget(_ token: AccessToken, of account: ProviderAccount) {
    let login = Login(account)
    if known[login]?.token.value == token.value { known[login] = nil }
  }
}
