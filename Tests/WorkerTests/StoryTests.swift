import CommandLine
import Orders
import Store
import Testing

@testable import Support

/// An order's story as people read it.
@Suite struct StoryTests {
  private static func query(_ second: Int, _ reply: String, took: Int = 3) -> TimelineStep {
    TimelineStep(
      time: "2026-11-21T19:31:0\(second).000Z",
      kind: .exchange(
        Exchange(
          kind: .query, request: "GET /x", status: 200, reply: Array(reply.utf8), error: nil,
          duration: .milliseconds(took)),
        send: 1))
  }

  private static let steps = [
    TimelineStep(time: "2026-11-21T19:31:00.000Z", kind: .status(.sent, reason: nil)),
    query(1, "waiting"), query(2, "waiting", took: 9), query(3, "waiting"), query(4, "done"),
    TimelineStep(time: "2026-11-21T19:31:05.000Z", kind: .status(.completed, reason: nil)),
  ]

  @Test func equalAnswersInARowAreToldOnce() {
    let story = Story(Self.steps, [], isFull: false)
    #expect(story.entries.map(\.count) == [1, 3, 1, 1])
    #expect(story.entries[1].until == "2026-11-21T19:31:03.000Z")
    let lines = story.lines
    #expect(lines[1].contains("asked 3 times until 11-21 ") && lines[1].contains("always: waiting"), "\(lines)")
    #expect(lines[2].contains("answered after 3 ms: done"))
    #expect(Story(Self.steps, [], isFull: true).entries.count == Self.steps.count)
  }

  @Test func momentsAreLocalAndSayTheirZone() throws {
    let time = "2026-11-21T19:31:04.567Z"
    let milliseconds = try #require(LocalTime.milliseconds(rfc3339: time))
    #expect(Timestamp.rfc3339(milliseconds) == time)
    #expect(LocalTime.milliseconds(rfc3339: "yesterday") == nil)
    #expect(LocalTime.line(milliseconds).hasSuffix(" " + LocalTime.zone(milliseconds)))

    let told = "since \(LocalTime.minute(milliseconds, now: milliseconds)), said"
    #expect(MarkedTime.parts(told) == [.text(told[...])])
    let marked = LocalTime.$isMarking.withValue(true) {
      "since \(LocalTime.minute(milliseconds, now: milliseconds)), said"
    }
    #expect(MarkedTime.parts(marked) == [.text("since "), .time(time[...]), .text(", said")])
  }

  /// Questions that are told once don't hide that nobody asked for minutes.
  @Test func theLongestPauseBetweenEqualAnswersIsTold() throws {
    func asked(_ time: String) -> TimelineStep {
      let first = Self.query(1, "waiting")
      return TimelineStep(time: "2026-11-21T\(time).000Z", kind: first.kind)
    }
    let story = Story(
      [asked("07:57:18"), asked("07:57:48"), asked("08:02:28"), asked("08:03:40")], [], isFull: false)
    #expect(story.entries.map(\.count) == [4])
    #expect(story.entries[0].pause == Story.Pause(from: "2026-11-21T07:57:48.000Z", milliseconds: 280_000))
    let from = LocalTime.line(try #require(LocalTime.milliseconds(rfc3339: "2026-11-21T07:57:48.000Z")))
    #expect(
      story.lines[0].contains("(the longest pause: 4 min 40 s from \(from) on), always: waiting"), "\(story.lines)")
    #expect(Story(Self.steps, [], isFull: false).entries.allSatisfy { $0.pause == nil })
  }
}
