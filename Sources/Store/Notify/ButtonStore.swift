internal import Cipher
public import EventLoop
internal import Orders
internal import Postgres

/// What a button below a message means: data, which whoever handles its kind acts on.
public struct ButtonMeaning: Sendable, Equatable {
  /// What is to be done, such as `ask`: whose handler gets it.
  public let kind: String
  public let orderID: String?
  public let partnerID: Int64?
  public let offerID: Int64?

  public init(kind: String, orderID: String? = nil, partnerID: Int64? = nil, offerID: Int64? = nil) {
    (self.kind, self.orderID, self.partnerID, self.offerID) = (kind, orderID, partnerID, offerID)
  }
}

/// The tokens that buttons carry: a press says nothing but a token, which counts once and ends. Their hashes alone are stored.
@LoopActor
public struct ButtonStore {
  private nonisolated static let tokenBytes = 16

  private let store: Store
  public nonisolated init(_ store: Store) { self.store = store }

  /// - Returns: what the button carries: 32 characters.
  public func make(
    _ meaning: ButtonMeaning, channel: Int64, notification: Int64?, language: String, lifetime: Duration
  ) async throws -> String {
    let token = Hexadecimal.encode(RandomBytes.make(Self.tokenBytes))
    _ = try await store.pool.run(
      Statements.addButton,
      [
        .bytea(Digest.sha256(token.utf8)), .int(channel), .int(notification), .text(meaning.kind),
        .text(meaning.orderID), .int(meaning.partnerID), .int(meaning.offerID), .text(language),
        .int(lifetime.milliseconds),
      ])
    return token
  }

  /// What a press comes to.
  public enum Claim: Sendable {
    /// This press counts; when its update comes again, it counts again: whoever handles it must take it twice as once.
    case counts(ButtonMeaning, language: String, notification: Int64?)
    /// The button was pressed before.
    case used(language: String)
    case expired(language: String)
    /// Nobody made such a token.
    case unknown
  }

  public func claim(_ token: String, channel: Int64, update: Int64) async throws -> Claim {
    let rows = try await store.pool.run(
      Statements.claimButton, [.bytea(Digest.sha256(token.utf8)), .int(channel), .int(update)])
    guard let row = rows.first else { return .unknown }
    let language = try row.text(4)
    switch try row.textOrNil(6) {
    case nil:
      return .counts(
        ButtonMeaning(
          kind: try row.text(0), orderID: try row.textOrNil(1), partnerID: try row.intOrNil(2),
          offerID: try row.intOrNil(3)),
        language: language, notification: try row.intOrNil(5))
    case "used": return .used(language: language)
    default: return .expired(language: language)
    }
  }

  // MARK: Updates

  /// Notes an update of Telegram's, which comes at least once.
  ///
  /// - Returns: whether it was done before, and what was answered then.
  public func take(update: Int64, channel: Int64) async throws -> (isDone: Bool, answer: String?) {
    let row = try await store.pool.run(Statements.takeUpdate, [.int(channel), .int(update)]).single()
    return (try row.bool(0), try row.textOrNil(1))
  }

  /// An update is done.
  public func end(update: Int64, channel: Int64, answer: String?) async throws {
    _ = try await store.pool.run(Statements.endUpdate, [.int(channel), .int(update), .text(answer)])
  }
}
