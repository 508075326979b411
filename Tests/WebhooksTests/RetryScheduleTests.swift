import CommandLine
import Seeded
import Store
import Testing

@testable import Webhooks

@Suite struct RetryScheduleTests {
  /// As it is where nothing else is set.
  private let schedule: RetrySchedule

  init() throws {
    let settings = Settings(try Arguments([], grammar: .init()), environment: { _ in nil })
    schedule = RetrySchedule(pauses: try settings.durations(.deliveryRetries, upTo: RetrySchedule.span))
  }

  private static let promised: [(attempts: Int, seconds: Double)] = [
    (1, 5), (2, 30), (3, 300), (4, 1800), (5, 7200), (6, 18_000), (7, 36_000), (8, 36_000), (20, 36_000),
  ]

  @Test(arguments: promised) func pausesAreTheTableAndJitterOnlyAdds(attempts: Int, seconds: Double) {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<300 {
      let pause = schedule.pause(after: attempts, triedFor: .zero, using: &random)
      #expect(pause.map { $0 >= .seconds(seconds) && $0 <= .seconds(seconds * 1.1) } == true)
    }
  }

  @Test func whatAReceiverAsksForIsWaited() {
    var random = SeededGenerator(seed: 2)
    let pause = schedule.pause(after: 1, triedFor: .zero, least: .seconds(90), using: &random)
    #expect(pause.map { $0 >= .seconds(90) } == true)
    #expect(
      schedule.pause(after: 3, triedFor: .zero, least: .seconds(1), using: &random).map { $0 >= .seconds(300) }
        == true)
  }

  /// Days of failure in no time: the clock is what the pauses add up to.
  @Test func aReceiverThatIsDeadForGoodIsGivenUpAfterFiveDaysAndWarnedOf() {
    var random = SeededGenerator(seed: 3)
    var (clock, attempts, warned) = (Duration.zero, 0, [Int]())
    while true {
      let after = EndpointHealth.afterFailure(status: nil, failingFor: clock)
      if let percent = [after.warnedPercent].first(where: { $0 > warned.last ?? 0 }), percent < 100 {
        warned.append(percent)
      }
      if after.state == .disabled { break }
      attempts += 1
      guard let pause = schedule.pause(after: attempts, triedFor: clock, using: &random) else {
        Issue.record("the delivery was given up before its endpoint")
        return
      }
      clock += pause
    }
    #expect(clock >= .seconds(5 * 86_400) && clock < .seconds(5 * 86_400 + 12 * 3600))
    #expect(warned == [50, 70, 90])
    #expect(attempts < 25, "\(attempts)")
  }

  /// Its endpoint takes others, so it is not given up, and this one still has an end.
  @Test func aDeliveryIsTriedForEightDays() {
    var random = SeededGenerator(seed: 4)
    var (clock, attempts) = (Duration.zero, 1)
    while let pause = schedule.pause(after: attempts, triedFor: clock, using: &random) {
      clock += pause
      attempts += 1
      guard attempts < 100 else { break }
    }
    #expect(clock > .seconds(7 * 86_400) && clock <= .seconds(8 * 86_400 + 3600), "\(clock)")
  }
}

@Suite struct EndpointHealthTests {
  @Test func conditionsGoByTime() {
    func condition(_ state: EndpointRow.State, _ failing: Duration?, _ slow: Duration? = nil)
      -> EndpointHealth.Condition
    {
      EndpointHealth(state: state, failingFor: failing, slowFor: slow).condition
    }
    #expect(condition(.active, nil) == .active)
    #expect(condition(.active, .seconds(59)) == .active)
    #expect(condition(.active, .seconds(60)) == .failing)
    #expect(condition(.active, nil, .seconds(59)) == .active)
    #expect(condition(.active, nil, .seconds(60)) == .slow)
    #expect(condition(.active, .seconds(60), .seconds(60)) == .failing)
    #expect(condition(.paused, .seconds(60)) == .paused)
    #expect(condition(.disabled, .seconds(60)) == .disabled)
    #expect(condition(.gone, nil) == .gone)
  }

  @Test func aReceiverThatSaysGoneIsBelieved() {
    #expect(EndpointHealth.afterFailure(status: 410, failingFor: .zero).state == .gone)
    #expect(EndpointHealth.afterFailure(status: 404, failingFor: .zero).state == nil)
    #expect(EndpointHealth.afterFailure(status: 500, failingFor: .seconds(5 * 86_400)).state == .disabled)
  }

  @Test(arguments: [(0, 0), (49, 0), (50, 50), (69, 50), (70, 70), (89, 70), (90, 90), (99, 90)])
  func warningsComeByTheShareOfTheWay(percent: Int, warning: Int) {
    let failing = EndpointHealth.disabledAfter * percent / 100 + .seconds(1)
    #expect(EndpointHealth.afterFailure(status: nil, failingFor: failing).warnedPercent == warning)
  }
}

@Suite struct WebhookSignatureTests {
  /// The example of the specification of Standard Webhooks.
  @Test func signsAsTheSpecificationHasIt() throws {
    let secret = try #require(WebhookSecret.read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    let headers = WebhookSignature.headers(
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8),
      secrets: [secret])
    #expect(headers.map(\.0) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
    #expect(headers[2].1 == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
  }

  @Test func twoSecretsSignWhileBothAreValid() {
    let headers = WebhookSignature.headers(
      id: "1", at: 1, body: [], secrets: [.init(repeating: 1, count: 32), .init(repeating: 2, count: 32)])
    #expect(headers[2].1.split(separator: " ").allSatisfy { $0.hasPrefix("v1,") })
    #expect(headers[2].1.split(separator: " ").count == 2)
  }

  @Test func secretsOfOtherLengthsAreRefused() {
    #expect(WebhookSecret.read(WebhookSecret.text(.init(repeating: 7, count: 23))) == nil)
    #expect(WebhookSecret.read(WebhookSecret.text(.init(repeating: 7, count: 24)))?.count == 24)
    #expect(WebhookSecret.read(WebhookSecret.text(.init(repeating: 7, count: 65))) == nil)
    #expect(WebhookSecret.read("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") == nil)
  }
}

@Suite struct RetryAfterTests {
  @Test(arguments: [
    ("0", 0), ("120", 120), ("99999999999", 86_400), ("Sun, 06 Nov 1994 08:49:37 GMT", 37),
    ("Sun, 06 Nov 1994 08:48:37 GMT", 0), ("Sun, 06 Nov 2094 08:49:37 GMT", 86_400),
  ])
  func secondsAndDatesAreRead(text: String, seconds: Int) {
    #expect(RetryAfter.read(text, now: 784_111_740) == .seconds(seconds))
  }

  @Test(arguments: ["", "soon", "-1", "Sun, 06 Nov 1994", "Sun, 32 Nov 1994 08:49:37 GMT", "1.5"])
  func anythingElseIsNot(text: String) { #expect(RetryAfter.read(text, now: 0) == nil) }
}
