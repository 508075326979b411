import Cipher
public import EventLoop
public import HTTPServer
public import Store
public import Telemetry

/// Checks bearer tokens.
@LoopActor
public final class Authorizer {
  /// Where many fail is logged no more often.
  private static let logPause = Duration.seconds(60)
  /// A use of a token is noted no more often; what could not be noted is tried again after as long.
  private static let usePause = Duration.seconds(60)

  private let store: Store
  private let directory: Directory
  private let log: Log
  private let metrics: Metrics
  private var failures = FailedLogins()
  private var loggedAt: ContinuousClock.Instant?
  private var usedAt: [Int64: ContinuousClock.Instant] = [:]

  public init(store: Store, directory: Directory, _ instruments: Instruments) {
    self.store = store
    self.directory = directory
    (log, metrics) = (instruments.log, instruments.metrics)
    metrics.describe("sevk_http_unauthorized_total", "counter", "Requests without a token that works")
  }

  /// Who sent the request, if it may use `scope`.
  ///
  /// The token is looked up by its SHA-256: what the look-up's duration tells of hashes is of no use to somebody who has no
  /// token that leads to them. So no secret is compared byte by byte, here or elsewhere.
  ///
  /// - Parameter other: a scope that is enough as well.
  /// - Throws: ``Problem`` with status 401, 403 that names the scope, or 429 after many failures; what the database says.
  public func require(_ scope: String, or other: String? = nil, _ request: HTTPRequest) async throws -> TokenGrant {
    let hash = try tokenHash(request)
    // Where many fail, an unknown token is not looked for twice, which would read the database.
    let isPatient = failures.wait(request.peer) == nil
    guard let grant = try await directory.grant(tokenHash: hash, mayBeNew: isPatient)
    else {
      throw refuse("the token is unknown, revoked or expired", request)
    }
    noteUse(of: grant)
    try Self.require(scope, or: other, grant)
    return grant
  }

  /// The SHA-256 of the token that a request brings.
  ///
  /// - Throws: ``Problem`` with status 401, or 429 after many failures.
  public func tokenHash(_ request: HTTPRequest) throws(Problem) -> [UInt8] {
    let given = request.headers("Authorization")
    guard let header = given.first else {
      throw refuse("the header Authorization: Bearer TOKEN is missing", request)
    }
    guard given.count == 1 else { throw refuse("the header Authorization is there twice", request) }
    let parts = header.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else {
      throw refuse("the Authorization header must be: Bearer TOKEN", request)
    }
    return Digest.sha256(parts[1].utf8)
  }

  /// Who a ticket stands for, if its token may use `scope`; see ``Tickets``.
  public func require(
    _ scope: String, or other: String? = nil, ticket hash: [UInt8]?, _ request: HTTPRequest
  ) async throws -> TokenGrant {
    guard let hash, let grant = try await directory.grant(tokenHash: hash) else {
      throw refuse("the ticket is unknown, used, or older than \(Tickets.secondsMax) seconds", request)
    }
    try Self.require(scope, or: other, grant)
    return grant
  }

  /// - Throws: ``Problem`` with status 403 when a token lacks the scope.
  public static func require(_ scope: String, or other: String? = nil, _ grant: TokenGrant) throws(Problem) {
    guard grant.scopes.contains(scope) || other.map(grant.scopes.contains) ?? false else {
      let wanted = [scope, other].compactMap { $0 }.joined(separator: " or ")
      throw Problem(status: 403, title: "Forbidden", detail: "the token lacks the scope \(wanted)")
    }
  }

  /// A refusal, which counts against the network it goes to.
  public func refuse(_ why: String, _ request: HTTPRequest) -> Problem {
    metrics.add("sevk_http_unauthorized_total")
    let wait = failures.wait(request.peer)
    failures.note(request.peer)
    guard let wait else { return Problem(status: 401, title: "Unauthorized", detail: why) }
    if loggedAt.map({ ContinuousClock.now - $0 > Self.logPause }) ?? true {
      loggedAt = .now
      log.warning("many requests without a token that works", ["peer": request.peer])
    }
    return .tooMany("\(why); and so it was many times from your address", wait)
  }

  /// Not awaited: no request waits for it, and a note that is lost is made again within the hour.
  private func noteUse(of grant: TokenGrant) {
    let now = ContinuousClock.now
    if let used = usedAt[grant.tokenID], now - used < Self.usePause { return }
    usedAt[grant.tokenID] = now
    let store = store
    Task(executorPreference: EventLoop.shared) { try? await store.noteUse(ofToken: grant.tokenID) }
  }
}
