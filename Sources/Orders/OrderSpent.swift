/// What an order spent its time on, from when it was recorded until it first ended, or till now. Pure.
public struct OrderSpent: Sendable, Equatable {
  /// A status that it reached, and when, in milliseconds of Unix time.
  public struct Step: Sendable, Equatable {
    public let status: Status
    public let at: Int64
    public init(_ status: Status, at: Int64) { (self.status, self.at) = (status, at) }
  }
  /// A send, and what it waited for before.
  public struct Send: Sendable, Equatable {
    public let providerID: Int64
    public let waits: [OrderWaits.Part]
    public init(at providerID: Int64, waits: [OrderWaits.Part]) { (self.providerID, self.waits) = (providerID, waits) }
  }

  public private(set) var milliseconds: Int64 = 0
  /// As it ended first; nil while it goes on.
  public let end: Status?
  /// In the order in which each began; what is of one kind at one provider is one.
  public private(set) var parts: [TimePart] = []
  /// Whom it was sent to last.
  public private(set) var providerID: Int64?

  /// The part that took longest.
  public var longest: TimePart? { parts.max { $0.milliseconds < $1.milliseconds } }

  /// nil when the beginning is not kept any more.
  ///
  /// - Parameters:
  ///   - steps: each status that it reached, oldest first.
  ///   - sends: oldest first.
  ///   - now: milliseconds of Unix time, by the clock that dated the steps.
  public init?(_ steps: [Step], _ sends: [Send], now: Int64) {
    guard let first = steps.first, first.status == .pending else { return nil }
    let endIndex = steps.firstIndex { $0.status.isFinal }
    let life = steps[...(endIndex ?? steps.count - 1)]
    end = endIndex.map { steps[$0].status }
    var begun = 0
    // A clock that was set back takes no time away.
    var last = first.at
    for (index, step) in life.enumerated() where !step.status.isFinal {
      let next = index + 1 < life.count ? life[index + 1] : nil
      let until = max(last, next?.at ?? now)
      let spent = until - last
      last = until
      let sent = begun > 0 && begun <= sends.count ? sends[begun - 1].providerID : nil
      switch step.status {
      case .pending:
        let goes = next?.status == .sending && begun < sends.count
        for (kind, provider, milliseconds) in TimePart.split(spent, goes ? sends[begun].waits : []) {
          add(kind, provider, milliseconds)
        }
        if next?.status == .sending { begun += 1 }
      case .sending: add(.call, sent, spent)
      case .sent: add(.provider, sent, spent)
      case .unresolved: add(.lost, sent, spent)
      case .held, .contested: add(.person, nil, spent)
      case .completed, .failed, .cancelled: break
      }
    }
    milliseconds = last - first.at
    providerID = begun > 0 ? sends.prefix(begun).last?.providerID : nil
  }

  private mutating func add(_ kind: TimePart.Kind, _ provider: Int64?, _ milliseconds: Int64) {
    guard milliseconds > 0 else { return }
    if let index = parts.firstIndex(where: { $0.kind == kind && $0.providerID == provider }) {
      parts[index].milliseconds += milliseconds
    } else {
      parts.append(TimePart(kind, at: provider, milliseconds: milliseconds))
    }
  }
}
