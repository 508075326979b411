import Foundation
import PrivateServers
import TestSupport
import Testing

/// `ops/lib/build`, with a compiler that is a few lines of shell.
@Suite(.timeLimit(.minutes(1)))
struct BuildScriptTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sevk-\(UUID().uuidString)").path

  /// Runs `commands` after the file was read, where `swift` is a script that ends with `body`.
  private func run(_ commands: String, swift body: String, linesEvery seconds: Int = 0) throws -> ChildProgram.Result {
    let files = FileManager.default
    try files.createDirectory(atPath: folder + "/bin", withIntermediateDirectories: true)
    defer { try? files.removeItem(atPath: folder) }
    let steps = "echo 'Building for debugging...'\nfor i in 0 1 2 3 4 5 6; do echo \"[$i/8] Compiling Orders\"; done\n"
    try ("#!/bin/sh\n" + steps + body + "\n").write(toFile: folder + "/bin/swift", atomically: true, encoding: .utf8)
    try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/bin/swift")
    return try ChildProgram.run(
      "/bin/bash", ["-euo", "pipefail", "-c", "cd \(folder)\n. \(Repository.root)/ops/lib/build\n" + commands],
      environment: ["PATH": folder + "/bin:/usr/bin:/bin", "BUILD_LINE_SECONDS": "\(seconds)"], folder: folder)
  }

  @Test func itSaysHowFarItIs() throws {
    let result = try run("build_begin a b\nbuild --product a\nbuild --product b\necho done", swift: "exit 0")
    #expect(result.code == 0 && result.output == "done\n", "\(result.errors)")
    let lines = result.errors.split(separator: "\n")
    #expect(lines.first == "building (the first time takes a few minutes)")
    #expect(lines.contains { $0.hasPrefix("building a (1 of 2): 3 of 8 steps in ") && !$0.contains("left") })
    #expect(lines.contains { $0.hasPrefix("building a (1 of 2): 6 of 8 steps in ") && $0.hasSuffix(" left") })
    #expect(lines.contains { $0.hasPrefix("building b (2 of 2): ") })
    #expect(!result.errors.contains("Compiling"), "only a terminal shows the step")
  }

  @Test func aBuildThatWorksIsQuietButForWarningsOfOurs() throws {
    let warnings =
      "echo \"$PWD/Sources/A.swift:3:4: warning: never used\"; echo '/usr/include/b.h:1:2: warning: theirs'"
    let result = try run("build", swift: "\(warnings); \(warnings); echo 'Build complete!'", linesEvery: 600)
    #expect(result.code == 0)
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count == 1 && lines[0].hasSuffix("/Sources/A.swift:3:4: warning: never used"), "\(result.errors)")
  }

  @Test func aBuildThatFailsShowsWhatTheCompilerSaidAndItsCode() throws {
    let error = "Sources/A.swift:3:4: error: no such type"
    let result = try run(
      "build\necho not reached", swift: "echo '\(error)'; echo '  3 | let x'; exit 3", linesEvery: 600)
    #expect(result.code == 3 && result.output.isEmpty)
    #expect(result.errors.contains(error + "\n  3 | let x\nthe build failed (exit 3)\n"), "\(result.errors)")
    #expect(!result.errors.contains("/8]"))
  }
}
