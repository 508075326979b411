import PrivateServers
import TestSupport
import Testing

@testable import CommandLine
@testable import Dispatcher
@testable import Scheduler
@testable import Support
@testable import Worker

/// Runs the generated script in a real bash and looks at what it offers.
@Suite struct CompletionTests {
  private func offers(_ line: String..., by program: Program = Worker.Main.program) throws -> [String] {
    let script = """
      source /dev/stdin <<'SCRIPT'
      \(Completion(program.name, program.commands).bash)
      SCRIPT
      COMP_WORDS=("$@")
      COMP_CWORD=$(($# - 1))
      _\(program.name)
      for word in "${COMPREPLY[@]}"; do echo "$word"; done
      """
    let result = try ChildProgram.run("/bin/bash", ["-c", script, "test"] + line, environment: [:], folder: "/tmp")
    #expect(result.code == 0 && result.errors.isEmpty, "\(result.errors)")
    return result.output.split(separator: "\n").map(String.init)
  }

  @Test func commandsThenSubcommandsThenFlagsThenValues() throws {
    #expect(try offers("worker", "").contains("order") && offers("worker", "").contains("top"))
    #expect(try offers("worker", "or") == ["order"])
    #expect(try Set(offers("worker", "order", "re")) == ["resolve", "retry"])
    #expect(try offers("worker", "order", "list", "--ol") == ["--older"])
    #expect(try offers("worker", "order", "list", "--status", "un") == ["unresolved"])
    #expect(try offers("worker", "job", "retry", "--all", "--state", "") == ["dead", "delayed"])
  }

  @Test func anEqualsSignAndWordsBeforeDoNotConfuseIt() throws {
    #expect(try offers("worker", "job", "list", "--state", "=", "de") == ["delayed", "dead"])
    #expect(try offers("worker", "job", "list", "--state", "=") == ["ready", "leased", "delayed", "dead"])
    #expect(try offers("worker", "job", "list", "--queue", "check", "--state", "le") == ["leased"])
    #expect(try offers("worker", "--redis-url", "order", "que") == ["queue"])
    #expect(try offers("worker", "queue", "pause", "d") == ["dispatch", "deliver"])
    #expect(try offers("worker", "order", "show", "shop-1", "--js") == ["--json"])
  }

  @Test func theOtherProgramsHaveItToo() throws {
    let dispatcher = Dispatcher.Main.program
    #expect(
      try offers("dispatcher", "provider", "add", "x", "--adapter", "", by: dispatcher) == [
        "desk", "dtone", "internal", "reloadly", "stock", "turkpin", "zdk", "znet", "znet-fatura", "znet-tl",
      ])
    #expect(try offers("dispatcher", "run", "--log-level", "=", "de", by: dispatcher) == ["debug"])
    let scheduler = Scheduler.Main.program
    #expect(try offers("scheduler", "", by: scheduler) == ["run", "completion"])
    #expect(try offers("scheduler", "completion", "z", by: scheduler) == ["zsh"])
  }

  @Test func nothingIsOfferedWhereNothingIsKnown() throws {
    #expect(try offers("worker", "order", "show", "sh").isEmpty)
    #expect(try offers("worker", "order", "resolve", "x", "--pin-file", "").isEmpty)
    #expect(try offers("worker", "nonsense", "x").isEmpty)
  }
}
