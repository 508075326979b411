public import EventLoop
public import Orders

/// A provider account with its settings.
public struct Provider: Sendable {
  public let id: Int64
  public let name: String
  public let adapter: String
  public let baseURL: String
  /// Decrypted; never printed. Empty in a process without the secret key, which can show a provider but not call it.
  public let credentials: [String: String]
  public let timeout: Duration
  public let concurrencyMax: Int
  public let ratePerSecond: Int?
  public let trustNotFoundAfter: Duration?
  /// The provider's own check schedule where it has one.
  public let checkFirst: Duration?
  public let checkBackoff: Duration?
  public let checkBackoffMax: Duration?
  public let checkDeadline: Duration?
  public let balance: Money?
  /// When a person paused sends to it, in milliseconds of Unix time; nil while it is not paused.
  public let pausedAt: Int64?
  public let pauseNote: String?
  /// How long it has been paused, by the database's clock at ``readAt``; nil while it is not.
  let pausedBefore: Duration?
  /// When it was read.
  let readAt: ContinuousClock.Instant
  /// Its orders go on to another route when it has been shut for so long; nil: they wait. A route's own comes first.
  public let failoverAfter: Duration?
  /// Which account the address and login lead to; grows when they are changed to those of another.
  public let accountEpoch: Int
  /// Which mark stands before its decimals, where ops said so.
  public let decimalMark: Money.DecimalMark?
  /// Changes with the settings.
  let settingsVersion: String
  /// Of its amounts, as ISO 4217 has it; nil where nobody said.
  public let currency: String?
  /// For more than this, in that currency, it takes two people to send again what it may have; nil: one.
  public var secondPersonAbove: Money?
  /// When orders that ended are asked about again, after their end; nil: as usual; empty: never.
  public let secondLooks: [Duration]?

  /// How long a person's pause has lasted; nil while there is none. All processes count it from the same moment, whatever
  /// their clocks say.
  public var pausedFor: Duration? { pausedBefore.map { max($0, .zero) + (ContinuousClock.now - readAt) } }

  /// `base` with what this provider sets for itself.
  public func schedule(_ base: CheckSchedule) -> CheckSchedule {
    CheckSchedule(
      first: checkFirst ?? base.first, backoff: checkBackoff ?? base.backoff,
      backoffMax: checkBackoffMax ?? base.backoffMax, deadline: checkDeadline ?? base.deadline, jitter: base.jitter)
  }
}

extension Directory {
  /// When questions are asked, by the provider's id.
  ///
  /// - Parameter base: for providers that set none of their own.
  public func schedules(_ base: CheckSchedule) async throws -> [Int64: CheckSchedule] {
    Dictionary(try await providers().map { ($0.id, $0.schedule(base)) }) { $1 }
  }
}
