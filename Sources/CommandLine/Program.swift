internal import CVersion
import EventLoop
import Glibc
import Store

/// One command of a program.
public struct Command: Sendable {
  /// The words that name it, such as `["provider", "add"]`.
  public let path: [String]
  /// What follows the name in the usage line, such as `NAME --adapter znet`.
  public let usage: String
  /// One sentence.
  public let summary: String
  /// Flags and words it takes, beside the settings.
  public let grammar: Arguments.Grammar
  /// The settings it reads.
  public let settings: [Setting]
  /// What its flags mean, where their names do not say it: a line each, for `--help`.
  public let details: [String]
  /// A command line that works, for `--help`.
  public let example: String
  public let run: @LoopActor @Sendable (Arguments, Settings) async throws -> Void

  public init(
    _ path: String, usage: String = "", _ summary: String, grammar: Arguments.Grammar = .init(),
    settings: [Setting] = [], details: [String] = [], example: String,
    run: @escaping @LoopActor @Sendable (Arguments, Settings) async throws -> Void
  ) {
    self.path = path.split(separator: " ").map(String.init)
    self.usage = usage
    self.summary = summary
    self.grammar = grammar
    self.settings = settings
    self.details = details
    self.example = example
    self.run = run
  }

  /// Its name and what follows it.
  var usageLine: String {
    let json = "--json"
    let isMissing = grammar.switches.contains(json) && !usage.contains(json)
    return (path + [usage, isMissing ? "[\(json)]" : ""]).filter { !$0.isEmpty }.joined(separator: " ")
  }
}

/// An executable: finds the command, parses its line, runs it on the loop, and turns errors into one line and a code.
public struct Program: Sendable {
  public static let version = "0.1.0"
  /// In short; empty where the build did not say.
  public static let commit = String(cString: sevk_commit())
  /// What the programs call themselves to servers.
  public static let agent = "sevk/\(version)"

  let name: String
  let purpose: String
  let commands: [Command]

  public init(_ name: String, _ purpose: String, _ commands: [Command]) {
    self.name = name
    self.purpose = purpose
    self.commands = commands + [Completion.command(name, commands)]
  }

  /// Exit codes: 0, or 1 when the command says that something is wrong or not there; of sysexits.h 64 for a wrong command
  /// line or setting, and 69 when a server is missing or something else failed.
  public func main(_ arguments: [String] = Array(CommandLine.arguments.dropFirst())) -> Never {
    StandardOutput.prepare()
    if arguments == ["--version"] {
      print("\(name) \(Self.version)" + (Self.commit.isEmpty ? "" : " (\(Self.commit))"))
      end(0)
    }
    guard let command = commands.filter({ arguments.starts(with: $0.path) }).max(by: { $0.path.count < $1.path.count })
    else {
      let isHelp = arguments.isEmpty || arguments.contains("--help") || arguments.contains("-h")
      let words = arguments.prefix { !$0.hasPrefix("-") }
      let group = commands.filter { $0.path.starts(with: words) }
      if isHelp {
        print(help(group.isEmpty ? commands : group))
        end(0)
      }
      if words.isEmpty {
        let flag = arguments[0].prefix { $0 != "=" }
        let meant = commands.first { $0.grammar.takes(flag) } ?? commands.first
        fail("a command is missing, such as: \(meant?.example ?? "\(name) --help")", 64)
      }
      if !group.isEmpty {
        fail("\(words.joined(separator: " ")) needs a command after it:\n\n" + help(group), 64)
      }
      let unknown = words.joined(separator: " ")
      if let near = near(Array(words)) {
        fail("unknown command \"\(unknown)\"; did you mean: \(name) \(near)", 64)
      }
      fail("unknown command \"\(unknown)\"; see: \(name) --help", 64)
    }
    let rest = arguments.dropFirst(command.path.count)
    if asksForHelp(rest, command) {
      print(help(command))
      end(0)
    }
    let code = ExitCode()
    EventLoop.shared.run {
      do {
        var grammar = command.grammar
        grammar.values += command.settings.map(\.flag)
        var arguments = try Arguments(rest, grammar: grammar)
        arguments.command = "\(name) \(command.path.joined(separator: " "))"
        try await command.run(arguments, Settings(arguments))
      } catch let error as UsageError {
        code.set(error, 64)
      } catch let error as ExitError {
        code.set(error, error.code)
      } catch StoreError.invalid(let text) {
        // A name in the command that does not exist, or is taken.
        code.set(UsageError(text), 64)
      } catch {
        code.set(error, 69)
      }
    }
    if let text = code.text, !text.isEmpty { fail(text, code.value) }
    end(code.value)
  }

  /// Ends the program. What it printed and could not be written is its failure; whoever stopped reading knows that.
  private func end(_ code: Int32) -> Never {
    guard let trouble = StandardOutput.finish() else { exit(code) }
    fail("what was printed could not be written: \(trouble)", code == 0 ? 1 : code)
  }

  /// Not where it is a flag's value: `--note -h`.
  private func asksForHelp(_ arguments: some Sequence<String>, _ command: Command) -> Bool {
    let flags = command.grammar.values + command.settings.map(\.flag)
    var isValue = false
    for argument in arguments {
      if argument == "--help" || argument == "-h" && !isValue { return true }
      isValue = !isValue && flags.contains(argument)
    }
    return false
  }

  /// The command that was meant, perhaps: by as many words as each has.
  private func near(_ words: [String]) -> String? {
    let near = commands.compactMap { command -> (path: String, distance: Int)? in
      let given = words.prefix(command.path.count).joined(separator: " ")
      let path = command.path.joined(separator: " ")
      guard Nearest.of(given, among: [path]) != nil else { return nil }
      return (path, Nearest.distance(Array(given), Array(path)))
    }
    return near.min { ($0.distance, $0.path) < ($1.distance, $1.path) }?.path
  }

  private func fail(_ text: String, _ code: Int32) -> Never {
    StandardError.shared.write("\(name): \(text)\n")
    exit(code)
  }

  private func help(_ commands: [Command]) -> String {
    let lines = commands.map { ("\(name) \($0.usageLine)", $0.summary) }
    var text = "\(name): \(purpose)\n\n"
    for (usage, summary) in lines { text += "  \(usage)\n      \(summary)\n" }
    return text + "\n\(name) COMMAND --help tells more of a command."
  }

  private func help(_ command: Command) -> String {
    var text = "\(command.summary)\n\nusage: \(name) \(command.usageLine)\n"
    let flags =
      command.grammar.values.map { "\($0) \(command.grammar.choices[$0]?.joined(separator: "|") ?? "VALUE")" }
      + command.grammar.switches
    if !flags.isEmpty { text += "\nflags: \(flags.joined(separator: ", "))\n" }
    if !command.details.isEmpty { text += "\n" + command.details.map { "  \($0)\n" }.joined() }
    if !command.settings.isEmpty {
      text += "\nsettings, each a flag or an environment variable:\n"
      for setting in command.settings {
        text += "  \(setting.flag), \(setting.variable)\n      \(setting.meaning)"
        text += setting.fallback.map { " (default: \($0))\n" } ?? "\n"
      }
      if command.settings.contains(where: { Setting.holdingSecrets.contains($0.variable) }) {
        text += "\nFlags show in the list of processes: a key, or a URL with a password, belongs in a variable.\n"
      }
    }
    return text + "\nexample:\n  \(command.example)"
  }
}

/// Ends the program with a code; the text may be empty.
public struct ExitError: Error, CustomStringConvertible {
  public let description: String
  public let code: Int32
  public init(_ description: String, code: Int32) {
    self.description = description
    self.code = code
  }
}

/// Filled by the command, read by `main` after it ended.
private final class ExitCode: @unchecked Sendable {
  private(set) var text: String?
  private(set) var value: Int32 = 0
  func set(_ error: any Error, _ code: Int32) { (text, value) = ("\(error)", code) }
}
