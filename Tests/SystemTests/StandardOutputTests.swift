import Foundation
import PrivateServers
import TestSupport
import Testing

/// Standard descriptors that are closed, full or gone. (A log that nobody reads: `StandstillTests`.)
@Suite(.serialized, .timeLimit(.minutes(2)))
struct StandardOutputTests {
  /// Runs a line of the shell; `$sevk` is the folder of the programs.
  private func shell(_ line: String, _ sevk: Installation) throws -> ChildProgram.Result {
    try ChildProgram.run(
      "/bin/bash", ["-c", line], environment: sevk.environment.merging(["sevk": Installation.binaries]) { $1 },
      folder: sevk.folder)
  }

  @Test func whatCouldNotBeWrittenIsSaid() async throws {
    let sevk = try await Installation.make()
    for (line, words) in [
      (
        "$sevk/dispatcher token create --tenant shop --scope orders:read >/dev/full",
        "can't be shown: no space left on device"
      ),
      ("$sevk/dispatcher route list >/dev/full", "what was printed could not be written: no space left on device"),
      ("$sevk/dispatcher --help >/dev/full", "what was printed could not be written: no space left on device"),
      ("$sevk/worker --version >/dev/full", "what was printed could not be written: no space left on device"),
      // A file that the program opens must not get what it prints.
      ("$sevk/dispatcher tenant list >&-", "what was printed could not be written: bad file descriptor"),
      (
        "$sevk/dispatcher token create --tenant shop --scope orders:read <&- >&-", "can't be shown: bad file descriptor"
      ),
    ] {
      let result = try shell(line, sevk)
      #expect(result.code == 1 && result.errors.contains(words), "\(line): \(result.code) \(result.errors)")
    }
    // Without standard error nobody hears it, and without input nobody minds.
    #expect(try shell("$sevk/dispatcher route list <&- 2>&-", sevk).output.contains("pubg-60"))
    #expect(try shell("$sevk/dispatcher token revoke x <&- >&- 2>&-", sevk).code == 64)
    await sevk.stop()
  }

  @Test func aReaderThatGoesAwayEndsItQuietly() async throws {
    let sevk = try await Installation.make()
    for line in [
      "$sevk/worker top --interval 200ms | head -1", "$sevk/dispatcher --help | true",
      // As under cron and systemd, where nobody is killed by a pipe.
      "trap '' PIPE; $sevk/worker top --json --interval 200ms | head -1", "$sevk/dispatcher route list | true",
    ] {
      let result = try shell("set -o pipefail; \(line)", sevk)
      #expect(result.code == 0 && result.errors.isEmpty, "\(line): \(result.code) \(result.errors)")
    }
    await sevk.stop()
  }

  @Test func aNoteIsNotHelp() async throws {
    let sevk = try await Installation.make()
    try sevk.require("dispatcher", ["tenant", "add", "gone"])
    let removed = try sevk.command("dispatcher", ["tenant", "remove", "gone", "--note", "-h", "--yes"])
    #expect(removed.output.contains("removed the tenant gone"), "\(removed.output)")
    #expect(try sevk.require("dispatcher", ["audit", "list"]).contains("note: -h"))
    for help in [["-h"], ["--yes", "-h"], ["gone", "--help"], ["--note", "--help"]] {
      #expect(try sevk.require("dispatcher", ["tenant", "remove"] + help).contains("usage: dispatcher tenant remove"))
    }
    await sevk.stop()
  }
}
