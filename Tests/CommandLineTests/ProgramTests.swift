import CommandLine
import Testing

/// Each case is a process of its own, since a program ends with one.
@Suite struct ProgramTests {
  private static let program = Program(
    "tool", "does things",
    [
      Command(
        "thing add", usage: "NAME", "Adds a thing.", settings: [.lease, .databaseURL], example: "tool thing add x"
      ) {
        arguments, settings in
        print("lease \(try settings.string(.lease))")
        throw ExitError("", code: 3)
      },
      Command("thing list", "Lists things.", example: "tool thing list") { _, _ in print("none") },
      Command("broken", "Fails.", example: "tool broken") { _, _ in throw MissingServer() },
    ])

  private struct MissingServer: Error, CustomStringConvertible {
    var description: String { "no server" }
  }

  @Test func helpOfTheProgram() async {
    let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
      Self.program.main(["--help"])
    }
    let help = result.said
    for words in ["tool: does things", "tool thing add NAME", "Lists things.", "tool COMMAND --help"] {
      #expect(help.contains(words), "\(help)")
    }
  }

  @Test func helpOfAGroupLeavesOutTheRest() async {
    let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
      Self.program.main(["thing", "--help"])
    }
    let help = result.said
    #expect(help.contains("tool thing list") && !help.contains("tool broken"))
  }

  @Test func helpOfACommandNamesFlagsVariablesAndDefaults() async {
    let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
      Self.program.main(["thing", "add", "--help"])
    }
    let help = result.said
    for words in [
      "usage: tool thing add NAME", "--lease, SEVK_LEASE", "(default: 30s)", "example:\n  tool thing add x",
    ] {
      #expect(help.contains(words), "\(help)")
    }
  }

  @Test func versionAndOutput() async {
    let version = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
      Self.program.main(["--version"])
    }
    #expect(version.said.contains("tool \(Program.version)"))
    let list = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
      Self.program.main(["thing", "list"])
    }
    #expect(list.said.contains("none"))
  }

  @Test func codesTellWhatWasWrong() async {
    let unknown = await #expect(processExitsWith: .exitCode(64), observing: [\.standardErrorContent]) {
      Self.program.main(["thing", "remove"])
    }
    #expect(unknown.said.contains("tool: unknown command \"thing remove\"; see: tool --help"))
    let flag = await #expect(processExitsWith: .exitCode(64), observing: [\.standardErrorContent]) {
      Self.program.main(["thing", "list", "--color"])
    }
    #expect(flag.said.contains("tool: unknown flag --color"))
    let server = await #expect(processExitsWith: .exitCode(69), observing: [\.standardErrorContent]) {
      Self.program.main(["broken"])
    }
    #expect(server.said.contains("tool: no server"))
    let own = await #expect(processExitsWith: .exitCode(3), observing: [\.standardOutputContent]) {
      Self.program.main(["thing", "add", "--lease=7s"])
    }
    #expect(own.said.contains("lease 7s"))
  }
}

extension ExitTest.Result? {
  /// What the process wrote to both its outputs.
  fileprivate var said: String {
    guard let self else { return "" }
    return String(decoding: self.standardOutputContent + self.standardErrorContent, as: UTF8.self)
  }
}
