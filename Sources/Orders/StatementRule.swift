/// What one line of a provider's statement says beside what is held here of the send that it is about, and what it may settle.
/// Pure.
///
/// A line is evidence like a person's look at the panel: it is said once, and a person says by which of its words an order was
/// delivered or cancelled. So it moves an order only where it is the only line about the order, its amount is right, and
/// nothing that is known contradicts it; it carries no code, so it never delivers one.
public enum StatementRule {
  /// What the operator said that a status word of the statement means.
  public enum Meaning: String, Sendable, CaseIterable { case delivered, cancelled, waiting }

  public enum Kind: String, Sendable, CaseIterable {
    /// Both say the same.
    case matched
    case otherAmount = "other_amount"
    case otherStatus = "other_status"
    /// Nobody knows here yet what became of it.
    case unsettled
    /// Several lines about one reference.
    case twice
    /// There, and not here.
    case missingHere = "missing_here"
    /// Here, and not there.
    case missingThere = "missing_there"
    /// Here and not there, but so near to an end of the time that the provider may count it to another statement.
    case edge

    /// Whether it needs nobody.
    public var isFine: Bool { self == .matched || self == .edge }
  }

  /// What a line may do to its order.
  public enum Step: Sendable, Equatable {
    /// The same as when a person says so.
    case decide(PersonChoice)
    /// It had ended, and the line says otherwise.
    case contest(String)
  }

  /// A line about a reference.
  public struct Line: Sendable, Equatable {
    /// How many the statement has about this reference.
    public var count: Int
    /// How many it has about this order, whichever send; lines about this reference count as well.
    public var ofOrder: Int
    public var meaning: Meaning?
    public var amount: Money?
    /// Something in it can't be read.
    public var isDamaged: Bool

    public init(count: Int = 1, ofOrder: Int = 1, meaning: Meaning?, amount: Money?, isDamaged: Bool = false) {
      self.count = count
      self.ofOrder = ofOrder
      self.meaning = meaning
      self.amount = amount
      self.isDamaged = isDamaged
    }
  }

  /// The send that it is about.
  public struct Ours: Sendable, Equatable {
    public var status: Status
    public var reasonCode: ReasonCode?
    public var send: SendState
    /// Whether it is the order's last send.
    public var isCurrent: Bool
    /// What it cost, or is expected to cost; nil where that is not known.
    public var cost: Money?
    /// Whether the product is a code; nil where that was not kept.
    public var isPinRequired: Bool?
    /// Whether the provider answers questions about it.
    public var canBeAsked: Bool
    /// Since the send; nil where that is not known.
    public var age: Duration?
    /// The provider once said that it is delivered, and nothing bore that out yet.
    public var isDeliverySaid: Bool

    public init(
      status: Status, reasonCode: ReasonCode? = nil, send: SendState, isCurrent: Bool = true, cost: Money? = nil,
      isPinRequired: Bool? = false, canBeAsked: Bool = true, age: Duration? = .seconds(86_400),
      isDeliverySaid: Bool = false
    ) {
      self.status = status
      self.reasonCode = reasonCode
      self.send = send
      self.isCurrent = isCurrent
      self.cost = cost
      self.isPinRequired = isPinRequired
      self.canBeAsked = canBeAsked
      self.age = age
      self.isDeliverySaid = isDeliverySaid
    }
  }

  public struct Verdict: Sendable, Equatable {
    public let kind: Kind
    /// For people; empty where the kind says all.
    public let words: String
    public let step: Step?

    public init(_ kind: Kind, _ words: String = "", _ step: Step? = nil) {
      self.kind = kind
      self.words = words
      self.step = step
    }
  }

  /// A cancellation of a send that is younger settles nothing: the request may have been on its way when the line was written.
  public static let cancelledAgeMin = Duration.seconds(3600)

  /// - Parameter ours: nil where no send has the reference.
  public static func judge(_ line: Line, _ ours: Ours?) -> Verdict {
    guard let ours else { return Verdict(.missingHere, "no send of this provider has this reference") }
    guard line.count == 1 else {
      return Verdict(.twice, "\(line.count) lines about one send: booked twice, or booked and given back")
    }
    let verdict = compare(line, ours)
    guard verdict.step != nil else { return verdict }
    if line.ofOrder > 1 {
      return Verdict(
        verdict.kind, verdict.words + "; the statement has other sends of the order as well, so a person decides")
    }
    if line.isDamaged {
      return Verdict(verdict.kind, verdict.words + "; the line can't be read whole, so a person decides")
    }
    return verdict
  }

  private static func compare(_ line: Line, _ ours: Ours) -> Verdict {
    let isGone = line.meaning == .cancelled
    if !ours.isCurrent || ours.send.provesNothingThere {
      if isGone { return Verdict(.matched) }
      let words = "it is there, though here the send \(ours.send.words)"
      if ours.isCurrent, ours.status.isFinal, ours.status != .completed, line.meaning == .delivered {
        return Verdict(.otherStatus, words, .contest(words))
      }
      return Verdict(.otherStatus, ours.status == .completed ? words + ": it may have been bought twice" : words)
    }
    if !isGone, let cost = ours.cost, let amount = line.amount, cost.magnitude != amount.magnitude {
      return Verdict(.otherAmount, "\(cost) here, \(amount.magnitude) there")
    }
    switch ours.status {
    case .completed:
      guard isGone else { return Verdict(.matched) }
      let words = "it was delivered here, and the statement says that it is cancelled"
      return Verdict(.otherStatus, words, .contest(words))
    case .failed, .cancelled:
      if isGone { return Verdict(.matched) }
      let words = "it is \(ours.status.rawValue) here, and the statement has it"
      guard line.meaning == .delivered else {
        return Verdict(.otherStatus, words + " with a word that nobody explained")
      }
      return Verdict(.otherStatus, words + " as delivered", .contest(words + " as delivered"))
    case .pending, .sending, .sent: return Verdict(.unsettled, "it is \(ours.status.rawValue), and goes on by itself")
    case .contested: return Verdict(.unsettled, "a person decides which end is true")
    case .unresolved, .held: return doubtful(line, ours)
    }
  }

  /// What the line may settle of an order of which nobody knows.
  private static func doubtful(_ line: Line, _ ours: Ours) -> Verdict {
    if ours.reasonCode == .contradicted || ours.reasonCode == .sharedPin {
      return Verdict(.unsettled, "the provider contradicted itself, so a person decides")
    }
    switch line.meaning {
    case nil, .waiting: return Verdict(.unsettled, "the provider has it; its status word settles nothing")
    case .delivered:
      // The statement has no code. Who can be asked tells it; and after a day of asking in vain there is nothing to wait for
      // but what the product needs.
      if ours.status == .held, ours.isPinRequired == false {
        return Verdict(.unsettled, "the provider delivered it", .decide(.completed))
      }
      if ours.canBeAsked {
        return Verdict(.unsettled, "the provider has it; it is asked for the rest", .decide(.received))
      }
      if ours.isPinRequired == false {
        return Verdict(.unsettled, "the provider delivered it", .decide(.completed))
      }
      return Verdict(.unsettled, "the provider delivered it, and a statement has no code: ask the provider for that")
    case .cancelled:
      if ours.isDeliverySaid {
        return Verdict(.unsettled, "it is cancelled there, and was said to be delivered before")
      }
      guard let age = ours.age, age >= cancelledAgeMin else {
        return Verdict(.unsettled, "it is cancelled there, but was sent too short a time ago for that to be final")
      }
      return Verdict(.unsettled, "the provider cancelled it", .decide(.failed))
    }
  }
}
