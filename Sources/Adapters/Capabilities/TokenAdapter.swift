/// Of a provider that wants a token with its requests, for which it has to be asked first (OAuth).
///
/// The token is asked for once for all requests of an account, and kept until shortly before it ends. Which requests carry
/// it, they say themselves: ``WireRequest/authentication``.
public protocol TokenAdapter: Adapter {
  /// Asks for a token. Carries none itself.
  func token(account: ProviderAccount) -> WireRequest
  /// - Throws: ``TokenError`` when the reply has no token.
  func readToken(_ reply: WireReply) throws(TokenError) -> AccessToken
  /// Whether a reply says that the token is good no more, so that the next request asks for another. The request itself is
  /// not repeated.
  func refusesToken(_ reply: WireReply) -> Bool
}

extension TokenAdapter {
  /// 401 Unauthorized.
  public func refusesToken(_ reply: WireReply) -> Bool { reply.status == 401 }
}

/// What a provider gave for a login.
public struct AccessToken: Sendable, CustomStringConvertible, CustomReflectable {
  /// Secret.
  public let value: String
  /// Until it ends, counted from the reply.
  public let lifetime: Duration

  public init(_ value: String, lifetime: Duration) {
    self.value = value
    self.lifetime = lifetime
  }

  /// It is renewed so long before its end, or at half of its life if that is shorter: the request that carries it still has
  /// to get there.
  public static let marginMax = Duration.seconds(60)
  public var margin: Duration { min(Self.marginMax, lifetime / 2) }

  public var description: String { "an access token of \(lifetime)" }
  /// Keeps `dump` and test failures from printing what `description` hides.
  public var customMirror: Mirror { Mirror(self, children: ["lifetime": lifetime]) }
}

/// Why a provider gave no token.
public struct TokenError: Error, CustomStringConvertible, Equatable {
  /// What was seen, without secrets.
  public let description: String
  public init(_ description: String) { self.description = description }
}
