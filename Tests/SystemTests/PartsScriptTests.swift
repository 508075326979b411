import Foundation
import PrivateServers
import TestSupport
import Testing

/// `ops/lib/parts`, with a few lines of shell for the tests.
@Suite(.timeLimit(.minutes(1)))
struct PartsScriptTests {
  /// Two tests of one suite and one of another, of which `body` makes the runs; it finds the filter in `$4`.
  private func run(bundle body: String) throws -> ChildProgram.Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sevk-\(UUID().uuidString)").path
    let files = FileManager.default
    try files.createDirectory(atPath: folder + "/bin", withIntermediateDirectories: true)
    defer { try? files.removeItem(atPath: folder) }
    let list = #"printf '%s\n' 'A.ChaosTests/one()' 'A.ChaosTests/two(_:)' 'B.QuietTests/three()'"#
    for (name, text) in [("swift", list), ("bundle", body)] {
      try ("#!/bin/bash\n" + text + "\n").write(toFile: "\(folder)/bin/\(name)", atomically: true, encoding: .utf8)
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder)/bin/\(name)")
    }
    return try ChildProgram.run(
      "/bin/bash",
      ["-euo", "pipefail", "-c", ". \(Repository.root)/ops/lib/parts\nrun_parts \(folder)/bin/bundle\necho passed"],
      environment: ["PATH": folder + "/bin:/usr/bin:/bin", "TMPDIR": folder], folder: folder)
  }

  private static let works = #"""
    [ "$4" = --filter ] && set -- "$5" || exit 9
    [[ 'A.ChaosTests/one()' =~ $1 ]] && echo '✔ Test run with 2 tests in 1 suite passed after 1 seconds.'
    [[ 'B.QuietTests/three()' =~ $1 ]] && echo '✔ Test run with 1 test in 1 suite passed after 1 seconds.'
    """#

  @Test func everyTestRunsOnce() throws {
    let result = try run(bundle: Self.works + "\nexit 0")
    #expect(result.code == 0 && result.output.hasSuffix("all 3 tests passed\npassed\n"), "\(result)")
  }

  @Test func aFailureIsToldAtTheEnd() throws {
    let failure = "✘ Test two(_:) failed after 0.1 seconds with 1 issue."
    let result = try run(bundle: Self.works + "\n[[ 'A.ChaosTests/' =~ $1 ]] || exit 0\necho '\(failure)'\nexit 1")
    #expect(result.code == 1 && result.output.hasSuffix("failed with exit code 1:\n\(failure)\n"), "\(result)")
  }

  @Test func aRunThatDiesIsShownAndCounted() throws {
    let result = try run(bundle: "[[ 'A.ChaosTests/' =~ $5 ]] && echo 'Fatal error: x' && kill -9 $$\n" + Self.works)
    #expect(result.code == 1, "\(result)")
    #expect(result.output.hasSuffix("failed with exit code 137:\nFatal error: x\n3 tests are listed, and 1 ran\n"))
  }

  @Test func aFilterThatMatchesNothingIsNoSuccess() throws {
    let result = try run(bundle: "echo '✔ Test run with 0 tests in 0 suites passed after 0.001 seconds.'")
    #expect(result.code == 1 && result.output.hasSuffix("3 tests are listed, and 0 ran\n"), "\(result)")
  }
}
