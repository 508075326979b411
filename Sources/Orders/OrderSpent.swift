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

  /// A question about a send.
  public struct Question: Sendable, Equatable {
    /// Which send, from 1.
    public let send: Int
    /// When it was over, in milliseconds of Unix time.
    public let at: Int64
    public let tookMilliseconds: Int64
    public init(ofSend send: Int, at: Int64, tookMilliseconds: Int64) {
      (self.send, self.at, self.tookMilliseconds) = (send, at, tookMilliseconds)
    }
  }

  /// A question that comes later than planned by less than this is no worker's fault: those to a provider that is closed wait
  /// so long.
  public static let lateMin = Duration.seconds(60)

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
  ///   - questions: oldest first; empty where they are not kept, and then all the time is the provider's.
  ///   - schedules: when questions are asked, by the provider's id.
  ///   - now: milliseconds of Unix time, by the clock that dated the steps.
  public init?(
    _ steps: [Step], _ sends: [Send], questions: [Question] = [], schedules: [Int64: CheckSchedule] = [:], now: Int64
  ) {
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
      case .sent, .unresolved:
        let isLost = step.status == .unresolved
        let plan = sent.flatMap { schedules[$0] }.map { isLost ? $0.afterLostAnswer : $0 }
        let unasked = plan.map { Self.unasked(from: until - spent, until, of: begun, questions, $0) } ?? 0
        add(isLost ? .lost : .provider, sent, spent - unasked)
        add(.unasked, sent, unasked)
      case .held, .contested: add(.person, nil, spent)
      case .completed, .failed, .cancelled: break
      }
    }
    milliseconds = last - first.at
    providerID = begun > 0 ? sends.prefix(begun).last?.providerID : nil
  }

  /// The time in which a question was due and nobody asked.
  private static func unasked(
    from begin: Int64, _ end: Int64, of send: Int, _ questions: [Question], _ schedule: CheckSchedule
  ) -> Int64 {
    let own = questions.filter { $0.send == send }
    // Either none is kept, or its provider can't be asked.
    guard !own.isEmpty else { return 0 }
    var late: Int64 = 0
    var (last, done) = (begin, 0)
    func note(_ until: Int64) {
      let pause = schedule.longestPause(afterChecks: done).milliseconds
      if until - last > pause + lateMin.milliseconds { late += until - last - pause }
    }
    for question in own where question.at > begin && question.at <= end {
      note(question.at - question.tookMilliseconds)
      (last, done) = (question.at, done + 1)
    }
    note(end)
    return min(late, end - begin)
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
