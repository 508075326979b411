import API
import EventLoop
import HTTPServer

/// What may wait for the database at once, and how long: a slow one slows clients down, and fills no memory here.
@LoopActor
final class IntakeGate {
  /// Orders that wait to be recorded; further ones are refused until some are.
  static let ordersWaitingMax = 5_000
  /// Nobody waits longer for an answer.
  static let answerMax = Duration.seconds(10)
  /// When so many requests wait and none was answered for so long, the database is stuck: new ones are refused at once.
  static let silentRequestsMin = 16
  static let silenceMax = Duration.seconds(2)

  private var ordersWaiting = 0
  private var requestsWaiting = 0
  private var answeredAt = ContinuousClock.now

  /// Runs `answer`, but answers 503 when that makes no sense or takes too long. What it began goes on then: an order may
  /// be recorded, which the client finds out by sending it again with the same key.
  func limit<Answer: Sendable>(
    _ answer: @escaping @LoopActor () async -> Answer, instead: (HTTPResponse) -> Answer
  ) async -> Answer {
    if requestsWaiting >= Self.silentRequestsMin, ContinuousClock.now - answeredAt > Self.silenceMax {
      return instead(Problem.unavailable("the database does not answer").response)
    }
    if requestsWaiting == 0 { answeredAt = ContinuousClock.now }
    requestsWaiting += 1
    let box = AnswerBox<Answer>()
    Task(executorPreference: EventLoop.shared) { await self.fill(box, answer) }
    _ = await box.isFilled.wait(for: Self.answerMax)
    requestsWaiting -= 1
    return box.answer ?? instead(Problem.unavailable("the database did not answer in time").response)
  }

  private func fill<Answer: Sendable>(_ box: AnswerBox<Answer>, _ answer: @LoopActor () async -> Answer) async {
    box.answer = await answer()
    answeredAt = ContinuousClock.now
    box.isFilled.signal()
  }

  /// Runs `record` while `count` more orders may wait.
  ///
  /// - Throws: a ``Problem`` with status 503 when too many wait already; else what `record` throws.
  func waiting<T>(_ count: Int, _ record: @LoopActor () async throws -> T) async throws -> T {
    guard ordersWaiting + count <= Self.ordersWaitingMax else {
      throw Problem.unavailable("more than \(Self.ordersWaitingMax) orders wait to be recorded")
    }
    ordersWaiting += count
    defer { ordersWaiting -= count }
    return try await record()
  }

  @LoopActor
  private final class AnswerBox<Answer: Sendable> {
    let isFilled = LoopEvent()
    var answer: Answer?
  }
}
