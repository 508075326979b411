import Adapters
import EventLoop

/// The tokens of all accounts, each asked for once for all who need it, and kept until shortly before it ends.
///
/// Where processes share them (``TokenBooks``) one of all asks, and the others wait for what it gets. One that the provider takes
/// no more is replaced once, however many requests it refused: who was refused says which token it had.
@LoopActor
final class Tokens {
  /// After a login that failed, nobody tries again for so long.
  static let failurePause = Duration.seconds(3)
  /// So often at most a login's token is replaced because it was refused: some providers say 401 for what no token mends.
  static let refusalPause = Duration.seconds(5)
  /// Who waits for another process looks again after that.
  private static let waitPause = Duration.milliseconds(100)
  /// A lease outlives the question for a token by that.
  private static let leaseMargin = Duration.seconds(5)

  private struct Known {
    let token: AccessToken
    let until: ContinuousClock.Instant
    /// Where it is shared.
    let number: Int64?
  }

  private struct Trouble {
    let failure: WireFailure
    let until: ContinuousClock.Instant
  }

  private let books: (any TokenBooks)?
  private let holder = String(UInt64.random(in: .min ... .max), radix: 16)
  private var known: [TokenLogin: Known] = [:]
  private var asking: [TokenLogin: SingleFlight<AccessToken, WireFailure>] = [:]
  private var refused: [TokenLogin: (number: Int64?, at: ContinuousClock.Instant)] = [:]
  private var troubles: [TokenLogin: Trouble] = [:]

  /// - Parameter books: nil: this process asks for its own.
  nonisolated init(_ books: (any TokenBooks)? = nil) { self.books = books }

  /// - Parameter ask: gets a new one from the provider.
  func token(
    of account: ProviderAccount, _ ask: @escaping @LoopActor () async throws(WireFailure) -> AccessToken
  ) async throws(WireFailure) -> AccessToken {
    let login = TokenLogin(account)
    let now = ContinuousClock.now
    if let known = known[login], now < known.until { return known.token }
    if let trouble = troubles[login] {
      guard now >= trouble.until else { throw trouble.failure }
      troubles[login] = nil
    }
    let question = asking[login] ?? SingleFlight()
    asking[login] = question
    return try await question.run { () async throws(WireFailure) -> AccessToken in
      defer { self.asking[login] = nil }
      do throws(WireFailure) {
        let found = try await self.obtain(login, timeout: account.timeout, ask)
        // What an earlier login of the provider had is of no use any more.
        self.known = self.known.filter { $0.key.provider != login.provider }
        self.known[login] = found
        return found.token
      } catch {
        self.troubles[login] = Trouble(failure: error, until: ContinuousClock.now + Self.failurePause)
        throw error
      }
    }
  }

  /// The provider takes `token` no more: the next request asks for another, unless one is there already.
  func forget(_ token: AccessToken, of account: ProviderAccount) {
    let login = TokenLogin(account)
    guard let known = known[login], known.token.value == token.value else { return }
    let now = ContinuousClock.now
    if let before = refused[login], now - before.at < Self.refusalPause { return }
    refused[login] = (known.number, now)
    self.known[login] = nil
  }

  // MARK: Shared

  private func obtain(
    _ login: TokenLogin, timeout: Duration, _ ask: @LoopActor () async throws(WireFailure) -> AccessToken
  ) async throws(WireFailure) -> Known {
    guard let books else { return Self.keeping(try await ask(), number: nil) }
    let lease = timeout + Self.leaseMargin
    // A lease that its holder died with ends meanwhile.
    let end = ContinuousClock.now + lease + Self.leaseMargin
    while true {
      let claim: TokenClaim
      do {
        claim = try await books.claim(login, refused: refused[login]?.number, holder: holder, lease: lease)
      } catch {
        // Without PostgreSQL this process goes on with a token of its own.
        return Self.keeping(try await ask(), number: nil)
      }
      switch claim {
      case .token(let token, let number): return Self.keeping(token, number: number)
      case .renew: return try await renew(login, books, ask)
      case .failed: throw WireFailure(words: "the login failed a moment ago", wasSent: false)
      case .wait:
        guard ContinuousClock.now < end else {
          throw WireFailure(words: "another process asks for it, and gets no answer", wasSent: false)
        }
        do { try await EventLoop.sleep(for: Self.waitPause) } catch {
          throw WireFailure(words: "the request was given up", wasSent: false)
        }
      }
    }
  }

  private func renew(
    _ login: TokenLogin, _ books: any TokenBooks, _ ask: @LoopActor () async throws(WireFailure) -> AccessToken
  ) async throws(WireFailure) -> Known {
    let token: AccessToken
    do throws(WireFailure) { token = try await ask() } catch {
      // A lease that can't be given back ends by itself.
      try? await books.giveUp(login, holder: holder, pause: Self.failurePause)
      throw error
    }
    // One that can't be shared is good all the same.
    let number = (try? await books.keep(token, of: login, holder: holder)) ?? nil
    return Self.keeping(token, number: number)
  }

  private static func keeping(_ token: AccessToken, number: Int64?) -> Known {
    Known(token: token, until: .now + token.lifetime - token.margin, number: number)
  }
}
