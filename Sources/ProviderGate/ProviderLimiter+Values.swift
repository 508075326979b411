/// What a provider allows, as it is configured.
public struct ProviderLimits: Sendable {
  public var concurrencyMax: Int
  public var ratePerSecond: Int?
  /// After this a slot that nobody gave back is free again: longer than any send can take.
  public var slotLife: Duration
  /// After this a probe that nobody told the end of is made again.
  public var probeLife: Duration
  public var balanceProbePause: Duration
  /// While the balance seems too low for a product, one send of it is tried this often.
  public var shortTryPause: Duration
  /// Stopped by a person.
  public var isPaused: Bool
  /// How long orders wait before they look again while it is paused.
  public var pausedWait: Duration

  public init(
    concurrencyMax: Int, ratePerSecond: Int? = nil, slotLife: Duration = .seconds(30),
    probeLife: Duration = .seconds(30), balanceProbePause: Duration = .seconds(30), isPaused: Bool = false,
    pausedWait: Duration = .seconds(10), shortTryPause: Duration = .seconds(60)
  ) {
    self.concurrencyMax = concurrencyMax
    self.ratePerSecond = ratePerSecond
    self.slotLife = slotLife
    self.probeLife = probeLife
    self.balanceProbePause = balanceProbePause
    self.isPaused = isPaused
    self.pausedWait = pausedWait
    self.shortTryPause = shortTryPause
  }
}

/// One send that wants to go.
public struct SlotRequest: Sendable {
  /// Names the slot; unique among all processes.
  public var token: String
  /// What it buys: the key to its last known cost.
  public var product: String
  /// What the catalogue asks for it, in ten-thousandths: believed until an accepted send says what it costs.
  public var catalogCost: Int64?
  /// Does not stand in line with the others.
  public var isUrgent: Bool
  /// It can't wait here for a slot any longer and wants to be told when to come back.
  public var isLastTry: Bool
  /// Its process has no slot for it, so it is treated as if the provider had none.
  public var isShutOut: Bool
  /// The provider is a stock that has nothing for it: it waits as if there were no money.
  public var isOutOfStock = false
  public var limits: ProviderLimits

  public init(
    token: String, product: String = "", catalogCost: Int64? = nil, isUrgent: Bool = false, isLastTry: Bool,
    isShutOut: Bool = false,
    limits: ProviderLimits
  ) {
    self.token = token
    self.product = product
    self.catalogCost = catalogCost
    self.isUrgent = isUrgent
    self.isLastTry = isLastTry
    self.isShutOut = isShutOut
    self.limits = limits
  }
}

/// A probe that this process is to make, now and alone.
public enum ProviderProbe: String, Sendable {
  case outage = "o"
  case balance = "b"
}

/// What a send that wanted to go was told.
public struct ProviderPlace: Sendable {
  public enum Why: String, Sendable {
    case slots, rate, outage, balance, paused

    /// It takes no order of the product, rather than this one later.
    public var isShut: Bool {
      switch self {
      case .slots, .rate: false
      case .outage, .balance, .paused: true
      }
    }

    init(letter: String) {
      self =
        switch letter {
        case "s": .slots
        case "r": .rate
        case "b": .balance
        case "p": .paused
        default: .outage
        }
    }
  }
  public enum Answer: Sendable, Equatable {
    /// The slot is taken; send after the pause (at most ``ProviderLimiter/reservedWaitMax``).
    case go(after: Duration)
    /// Come back after the pause; nil when no slot was free and it was not the last try.
    case wait(Why, Duration?)
  }
  public let answer: Answer
  /// `closed`, `ramp` or `open`.
  public let mode: String
  /// Of the breaker; given back with the slot.
  public let version: Int64
  /// How many sends the ledger has noted, ever; given back with the slot.
  public let noted: Int64
  public let nextProbe: Duration
  public let probe: ProviderProbe?
}

/// A send that is over.
public struct ProviderLeave: Sendable {
  public enum Result: String, Sendable {
    case accepted = "a"
    case refused = "r"
    case unknown = "u"
    /// Unknown, and answered as if the request were at fault, which by itself says nothing of the provider.
    case odd = "q"
    case notSent = "n"
    /// Nothing was tried.
    case unused = "-"
  }
  public var token: String
  public var version: Int64
  /// ``ProviderPlace/noted``.
  public var noted: Int64
  public var result: Result
  public var took: Duration
  public var product: String
  /// Ten-thousandths of the currency's unit, as the next.
  public var cost: Int64?
  public var balance: Int64?
  /// What went wrong; empty when nothing did.
  public var error: String
  /// Whose it was, see ``ProviderOutcomes/flows``.
  public var flow: String

  public init(
    token: String, version: Int64, noted: Int64 = 0, result: Result, took: Duration = .zero, product: String = "",
    cost: Int64? = nil, balance: Int64? = nil, error: String = "", flow: String = ""
  ) {
    self.token = token
    self.version = version
    self.noted = noted
    self.result = result
    self.took = took
    self.product = product
    self.cost = cost
    self.balance = balance
    self.error = error
    self.flow = flow
  }
}

/// The breaker and the last sends, as they are when a slot is given back.
public struct ProviderOutcomes: Sendable {
  public let mode: String
  public let version: Int64
  public let limit: Int
  /// Sends that were answered since the last change.
  public let passed: Int
  public let pause: Duration
  /// Newest first, since the last change.
  public let last: [(isAnswer: Bool, age: Duration, flow: String)]
  /// Those whose sends were answered lately (nil when not), or met answers that find fault with the request: how many in
  /// a row.
  public let flows: [(name: String, answeredAgo: Duration?, oddInARow: Int)]
}

/// One send as the ledger has it.
public struct ProviderLedgerEntry: Sendable, Equatable {
  public let isAccepted: Bool
  /// Other sends that held a slot when it ended.
  public let othersUnderWay: Int
  /// Sends that were noted while it was under way; not counted where there are others under way.
  public let notedMeanwhile: Int
  /// Ten-thousandths, as the next.
  public let cost: Int64?
  public let balance: Int64?

  init?(_ text: String) {
    let parts = text.split(separator: " ")
    guard parts.count == 4, let others = Int(parts[1]), others > .min else { return nil }
    isAccepted = parts[0] == "a"
    (othersUnderWay, notedMeanwhile) = (max(others, 0), max(-others, 0))
    cost = Int64(parts[2])
    balance = Int64(parts[3])
  }
}

/// What is known of a provider. Ages and waits are by Redis' clock.
public struct ProviderState: Sendable {
  public let slotsInUse: Int
  private let now: Int64
  private let fields: [String: String]

  init(slotsInUse: Int, now: Int64, fields: [String: String]) {
    self.slotsInUse = slotsInUse
    self.now = now
    self.fields = fields
  }

  /// `closed`, `ramp` or `open`.
  public var mode: String { fields["mode"] ?? "closed" }
  public var version: Int64 { number("version") ?? 0 }
  public var limit: Int { Int(number("limit") ?? 0) }
  public var pause: Duration { .milliseconds(number("pause") ?? 0) }
  public var why: String? { fields["why"] }
  /// Since the mode changed.
  public var sinceChange: Duration? { age("since") }
  /// Since sends last went as usual; an outage in which a few sends were tried in vain is one.
  public var shutFor: Duration? {
    guard mode == "open" else { return nil }
    return max(age("shut_at") ?? .zero, sinceChange ?? .zero)
  }
  /// How long ago a moment of Redis' clock was.
  public func age(of moment: Int64) -> Duration { .milliseconds(max(now - moment, 0)) }
  /// Zero when one is due or the breaker is not open.
  public var untilProbe: Duration { .milliseconds(max((number("until") ?? 0) - now, 0)) }
  /// The account's trouble that closed it, `access` or `balance`, until it is open again.
  public var trouble: String? { fields["trouble"] }
  /// The pause after which it was probed when its account's trouble last closed it, and since when.
  public var lastTrouble: (pause: Duration, age: Duration)? {
    guard let pause = number("trouble_pause"), let age = age("trouble_at") else { return nil }
    return (.milliseconds(pause), age)
  }
  public var lastError: String? { fields["error"] }
  public var lastErrorAge: Duration? { age("error_at") }
  /// Ten-thousandths of the currency's unit.
  public var balance: Int64? { number("balance") }
  public var balanceAge: Duration? { age("balance_at") }
  public var untilBalanceProbe: Duration { .milliseconds(max((number("balance_probe") ?? 0) - now, 0)) }
  /// How long the last sends took, in the middle.
  public var usualTook: Duration? { fields["hold"].flatMap { Double($0) }.map { .milliseconds($0) } }
  /// From now to the end of the line of those who wait.
  public var lineLength: Duration {
    .milliseconds(max((fields["line"].flatMap { Double($0) } ?? 0) - Double(now), 0))
  }

  private func number(_ field: String) -> Int64? { fields[field].flatMap { Int64($0) } }
  private func age(_ field: String) -> Duration? { number(field).map { .milliseconds(max(now - $0, 0)) } }
}
