import Testing

@testable import CommandLine
@testable import Dispatcher
@testable import Gateway
@testable import Scheduler
@testable import Support
@testable import Worker

/// What holds for every command of the programs.
@Suite struct CommandTableTests {
  static let programs = [Worker.Main.program, Dispatcher.Main.program, Scheduler.Main.program, Gateway.Main.program]

  @Test func everyCommandHasAnExampleThatParses() throws {
    for program in Self.programs {
      for command in program.commands {
        let words = try Shell.words(command.example)
        let path = [program.name] + command.path
        #expect(words.starts(with: path), "\(command.example)")
        var grammar = command.grammar
        grammar.values += command.settings.map(\.flag)
        do {
          let arguments = try Arguments(words.dropFirst(path.count), grammar: grammar)
          for (flag, choices) in grammar.choices {
            for value in arguments.all(flag).flatMap({ $0.split(separator: ",") }) {
              #expect(choices.contains(String(value)), "\(command.example)")
            }
          }
          if !grammar.wordChoices.isEmpty, let word = arguments.words.first {
            #expect(grammar.wordChoices.contains(word), "\(command.example)")
          }
        } catch {
          Issue.record("\(command.example): \(error)")
        }
      }
    }
  }

  @Test func everyCommandOfTheWorkerButTheProcessAnswersInJSON() {
    for command in Worker.Main.program.commands where !["run", "completion"].contains(command.path[0]) {
      #expect(command.grammar.switches.contains("--json"), "\(command.path)")
    }
  }

  /// `ops/CLI.md` tells scripts what comes out of each command.
  @Test func theTableForScriptsHasEveryCommandAndNoOther() throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let page = try #require(readTextFile("/\(root)/ops/CLI.md"))
    let parts = page.split(separator: "\n## ")
    let worker = try #require(parts.first { $0.hasPrefix("worker") })
    let rows = worker.split(separator: "\n").filter { $0.hasPrefix("| `") }
    let listed = rows.flatMap { Self.names(in: $0.dropFirst(2).prefix { $0 != "|" }) }
    expect(listed, are: Worker.Main.program)
    for kind in Hindrance.Kind.allCases { #expect(page.contains("`\(kind.rawValue)`")) }
  }

  /// `ops/CLI.md` says as well which program has which command; the worker's stand there one by one.
  @Test func theTableOfProgramsHasEveryCommandAndNoOther() throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let page = try #require(readTextFile("/\(root)/ops/CLI.md"))
    let part = try #require(page.split(separator: "\n## ").first { $0.hasPrefix("Which program") })
    for program in Self.programs {
      let row = try #require(part.split(separator: "\n").first { $0.hasPrefix("| `\(program.name)`") })
      let listed = Self.names(in: row.split(separator: "|").last ?? "")
      if program.name != "worker" { expect(listed, are: program) }
    }
  }

  private static func names(in text: Substring) -> [String] {
    text.matches(of: /`([a-z_ -]+)`/).map { String($0.output.1) }
  }

  private func expect(_ listed: [String], are program: Program) {
    let commands = program.commands.map { $0.path.joined(separator: " ") }
    #expect(
      Set(listed) == Set(commands) && listed.count == commands.count,
      "\(program.name): \(Set(listed).symmetricDifference(commands))")
  }

  @Test func usageNamesEveryFlagAndNoOther() {
    for program in Self.programs {
      for command in program.commands {
        let named = Set(command.usage.matches(of: /--[a-z-]+/).map { String($0.output) })
        let known = Set(command.grammar.values + command.grammar.switches + command.settings.map(\.flag))
        #expect(named.isSubset(of: known), "\(program.name) \(command.path): \(named.subtracting(known))")
        // A line that is too long to name them all says so.
        if command.usage.contains("…") { continue }
        let needed = Set(command.grammar.values + command.grammar.switches).subtracting(["--json"])
        #expect(needed.isSubset(of: named), "\(program.name) \(command.path): \(needed.subtracting(named))")
      }
    }
  }
}
