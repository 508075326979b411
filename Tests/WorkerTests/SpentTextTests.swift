import Orders
import Testing

@testable import CommandLine
@testable import Support

@Suite struct SpentTextTests {
  @Test func itSaysWhereTheTimeWent() throws {
    let spent = try #require(
      OrderSpent(
        [
          .init(.pending, at: 0), .init(.sending, at: 640_050), .init(.sent, at: 642_050),
          .init(.completed, at: 664_050),
        ],
        [.init(at: 3, waits: [.init(.init(.balance, at: 3), milliseconds: 640_000)])], now: 0))
    let text = SpentText(spent, providers: [3: "panel-a"])
    // What is next to nothing is left out.
    #expect(
      text.text
        == "It took 11 min 4 s: 10 min 40 s until panel-a was open again (out of money), 22 s until it was completed.")
    #expect(text.longest == "10 min 40 s until panel-a was open again (out of money)")
    #expect(
      text.json.hasPrefix(
        #"{"took_ms":664050,"longest":"balance","parts":[{"part":"balance","provider":"panel-a","ms":640000,"text":"#))
    #expect(text.json.contains(#"{"part":"turn","ms":50,"text":"until it was its turn"}"#))
  }

  /// Each kind has words of its own, also at a provider that is not there any more.
  @Test func everyPartHasWords() throws {
    let spent = try #require(OrderSpent([.init(.pending, at: 0), .init(.failed, at: 5)], [], now: 0))
    let text = SpentText(spent, providers: [:])
    let words = TimePart.Kind.allCases.map { text.text(TimePart($0, at: 9, milliseconds: 1)) }
    #expect(Set(words).count == words.count && words.allSatisfy { $0.hasPrefix("1 ms ") })
    #expect(Set(WaitCause.allCases.map { TimePart.Kind($0).rawValue }) == Set(WaitCause.allCases.map(\.rawValue)))
  }

  @Test(arguments: [
    (640, "640 ms"), (999, "999 ms"), (2000, "2 s"), (2149, "2.1 s"), (40_900, "40 s"), (664_000, "11 min 4 s"),
    (600_000, "10 min"), (12_000_000, "3 h 20 min"), (187_200_000, "2 d 4 h"), (0, "0 ms"),
  ])
  func durationsAreExactEnough(_ milliseconds: Int, _ words: String) {
    #expect(Duration.milliseconds(milliseconds).inExactWords == words)
  }
}
