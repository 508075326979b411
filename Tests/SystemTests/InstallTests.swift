import Foundation
import PrivateServers
import TestSupport
import Testing

/// `ops/install`, into a folder: every package is made of what it puts there.
@Suite(.timeLimit(.minutes(1)))
struct InstallTests {
  let root = FileManager.default.temporaryDirectory.appendingPathComponent("sevk-\(UUID().uuidString.prefix(8))").path

  private func install(_ arguments: [String]) throws -> ChildProgram.Result {
    try ChildProgram.run(
      Installation.checkout("ops/install"), ["--root", root] + arguments, environment: ["PATH": "/usr/bin:/bin"],
      folder: root)
  }

  private func text(_ path: String) throws -> String { try String(contentsOfFile: root + path, encoding: .utf8) }

  @Test func itIsHarmlessToRepeatAndLeavesTheSettings() throws {
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: root) }
    let programs = ["--binaries", Installation.binaries]
    let first = try install(programs)
    #expect(first.code == 0, "\(first.errors)")
    for program in ["dispatcher", "worker", "scheduler", "gateway"] {
      let unit = try text("/etc/systemd/system/sevk-\(program).service")
      #expect(unit.contains("ExecStart=/usr/local/bin/\(program) run"))
      #expect(FileManager.default.isExecutableFile(atPath: root + "/usr/local/bin/\(program)"))
    }
    // Of the gateways the one that providers post to has the key, as the dispatcher's has it.
    for (unit, hasKey) in [("sevk-gateway", false), ("sevk-gateway@", false), ("sevk-hooks", true)] {
      let text = try text("/etc/systemd/system/\(unit).service")
      #expect(text.contains("\nUnsetEnvironment=SEVK_SECRET_KEY\n") != hasKey, "\(unit)")
      #expect(text.contains("\nExecStart=/usr/local/bin/gateway run"), "\(unit)")
    }
    #expect(try text("/etc/sevk/sevk.env").contains("SEVK_DATABASE_URL="))
    #expect(!(try text("/etc/sevk/sevk.env")).contains("SEVK_SECRET_KEY="), "the key is never a part of a package")

    try "SEVK_LOG_LEVEL=debug\n".write(toFile: root + "/etc/sevk/sevk.env", atomically: false, encoding: .utf8)
    #expect(try install(programs).code == 0)
    #expect(try text("/etc/sevk/sevk.env") == "SEVK_LOG_LEVEL=debug\n")

    let missing = try install(["--binaries", root + "/nowhere"])
    #expect(missing.code == 66 && missing.errors.contains("there is no program"), "\(missing.errors)")
    #expect(try install(["--prefix", "relative"]).code == 64)

    #expect(try install(["--uninstall"]).code == 0)
    #expect(!FileManager.default.fileExists(atPath: root + "/usr/local/bin/worker"))
    for unit in ["sevk-worker", "sevk-hooks"] {
      #expect(!FileManager.default.fileExists(atPath: root + "/etc/systemd/system/\(unit).service"))
    }
    #expect(try text("/etc/sevk/sevk.env") == "SEVK_LOG_LEVEL=debug\n")
  }
}
