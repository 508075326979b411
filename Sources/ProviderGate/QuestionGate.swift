public import EventLoop
public import Orders
public import Redis
public import Store
public import Telemetry

/// Lets questions through to providers, slowly where they are not answered; the decisions stand in ``QuestionBreaker``.
///
/// Each process finds out for itself. Redis is told, for `worker order why` alone, and forgets it by itself.
@LoopActor
public final class QuestionGate {
  /// How long the word of slow questions outlives the next question's end.
  private static let noticeMargin = Duration.seconds(5)

  private struct State {
    var breaker = QuestionBreaker()
    var next = ContinuousClock.now
  }

  /// A question that may be asked; its end is told to ``QuestionGate/note(_:_:_:)``.
  public struct Ticket: Sendable {
    let version: Int
  }

  public enum Answer: Sendable {
    case ask(Ticket)
    /// Come back after the pause.
    case wait(Duration)
  }

  private let log: Log
  private let metrics: Metrics
  private let limiter: ProviderLimiter
  private var states: [Int64: State] = [:]

  public init(redis: RedisClient, _ instruments: Instruments) {
    (log, metrics) = (instruments.log, instruments.metrics)
    limiter = ProviderLimiter(client: redis)
    metrics.describe(
      "sevk_provider_questions_slowed", "gauge", "1 while this process asks a provider that does not answer slowly")
  }

  /// - Parameter isDue: whether the question must be asked although they are slowed: at an order's deadline, so that it
  ///   has one.
  public func enter(_ provider: Provider, isDue: Bool) -> Answer {
    guard var state = states[provider.id], state.breaker.isSlow else {
      return .ask(Ticket(version: states[provider.id]?.breaker.version ?? 0))
    }
    let now = ContinuousClock.now
    if !isDue, state.next > now {
      metrics.add("sevk_provider_waits_total", ["provider": provider.name, "why": "questions"])
      // Spread over another pause, so that all who wait do not come in one moment.
      return .wait(state.next - now + state.breaker.pause * Double.random(in: 0...1))
    }
    // The only one until it has come back or can't come back any more.
    if !isDue { state.next = now + provider.timeout + Self.noticeMargin }
    states[provider.id] = state
    return .ask(Ticket(version: state.breaker.version))
  }

  /// A question came back.
  ///
  /// - Parameter exchange: what was last on the wire.
  public func note(_ provider: Provider, _ ticket: Ticket, _ exchange: Exchange) {
    var state = states[provider.id] ?? State()
    let isAnswer = exchange.status != nil
    let isChanged = state.breaker.note(isAnswer: isAnswer, asked: ticket.version)
    let breaker = state.breaker
    if isChanged { state.next = ContinuousClock.now + breaker.pause }
    states[provider.id] = state
    guard isChanged else { return }
    let error = exchange.error ?? "no answer"
    if !breaker.isSlow {
      log.info("questions are answered again", ["provider": provider.name])
    } else if breaker.pause == QuestionBreaker.pauseFirst {
      log.error(
        "questions slowed",
        ["provider": provider.name, "reason": "\(breaker.failuresInARow) in a row were not answered; last: \(error)"])
    }
    metrics.set("sevk_provider_questions_slowed", ["provider": provider.name], to: breaker.isSlow ? 1 : 0)
    let text = breaker.isSlow ? "\(breaker.failuresInARow) questions in a row were not answered; last: \(error)" : nil
    Task(executorPreference: EventLoop.shared) {
      // Only for those who look.
      try? await self.limiter.noteSlowQuestions(
        text, of: provider.id, for: breaker.pause * 2 + provider.timeout + Self.noticeMargin)
    }
  }
}
