import Cipher
import EventLoop
import Store
import Telemetry

/// Somebody who gave a token of the dashboard.
struct Session: Sendable {
  /// Nobody but the server knows it: the cookie is sealed.
  let id: [UInt8]
  let tokenHash: [UInt8]
  /// Who this is, and what they may do.
  var token: DashboardToken
  /// Seconds of Unix time, by the clock of the process that opened it.
  let expiresAt: Int64

  /// What each form of a page of this session carries. A page of another site can't know it, whatever its browser sends
  /// along.
  var formKey: String { Hexadecimal.encode(Digest.hmacSHA256("dashboard-form".utf8, key: id)) }

  func isFormKey(_ text: String?) -> Bool {
    Digest.constantTimeEquals(Array((text ?? "").utf8), Array(formKey.utf8))
  }
}

/// Who is logged in. A session is its cookie, sealed with the secret key, so every dispatcher knows it and none keeps it.
@LoopActor
final class Sessions {
  /// A long shift.
  nonisolated static let lifeSecondsMax: Int64 = 12 * 3600
  /// Sessions that were logged out of and are remembered until they would have ended anyway.
  private static let endedMax = 10_000
  private static let context = "dashboard-session"
  private static let idBytes = 16
  private static let hashBytes = 32

  private let store: Store
  private let directory: Directory
  private let now: @Sendable () -> Int64
  private var ended: [[UInt8]: Int64] = [:]

  /// - Parameter now: seconds of Unix time.
  init(
    store: Store, directory: Directory,
    now: @escaping @Sendable () -> Int64 = { Int64(Clock.unixMilliseconds() / 1000) }
  ) {
    self.store = store
    self.directory = directory
    self.now = now
  }

  /// - Returns: the cookie; nil when the token does not open the dashboard.
  func open(token: String) async throws -> String? {
    let hash = Digest.sha256(token.utf8)
    guard let token = try await directory.dashboardToken(hash) else { return nil }
    // Not awaited: nobody waits for the note.
    let store = store
    Task(executorPreference: EventLoop.shared) { try? await store.noteUse(ofToken: token.id) }
    let expiry = now() + Self.lifeSecondsMax
    let plain = RandomBytes.make(Self.idBytes) + withUnsafeBytes(of: expiry.bigEndian, Array.init) + hash
    return Hexadecimal.encode(try store.vault.seal(plain, context: Self.context))
  }

  /// - Returns: nil when the cookie is none of ours, has ended, or its token was revoked.
  /// - Throws: when PostgreSQL does not say whether the token was revoked.
  func session(_ cookie: String) async throws -> Session? {
    guard let (id, hash, expiresAt) = try read(cookie), let token = try await token(id, hash, expiresAt) else {
      return nil
    }
    return Session(id: id, tokenHash: hash, token: token, expiresAt: expiresAt)
  }

  func isValid(_ session: Session) async throws -> Bool {
    try await token(session.id, session.tokenHash, session.expiresAt) != nil
  }

  private func token(_ id: [UInt8], _ hash: [UInt8], _ expiresAt: Int64) async throws -> DashboardToken? {
    guard expiresAt > now(), ended[id] == nil else { return nil }
    return try await directory.dashboardToken(hash)
  }

  /// Other dispatchers don't hear of it: there a stolen cookie works until it ends by itself or its token is revoked.
  func end(_ cookie: String) throws {
    guard let session = try read(cookie) else { return }
    let time = now()
    ended = ended.filter { $0.value > time }
    if ended.count < Self.endedMax { ended[session.id] = session.expiresAt }
  }

  private func read(_ cookie: String) throws -> (id: [UInt8], tokenHash: [UInt8], expiresAt: Int64)? {
    guard let sealed = Hexadecimal.decode(cookie), let plain = try? store.vault.open(sealed, context: Self.context),
      plain.count == Self.idBytes + 8 + Self.hashBytes
    else { return nil }
    let expiry = plain[Self.idBytes..<Self.idBytes + 8].reduce(Int64(0)) { $0 << 8 | Int64($1) }
    return (Array(plain.prefix(Self.idBytes)), Array(plain.suffix(Self.hashBytes)), expiry)
  }
}
