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

  /// Who may look at orders need not be able to read the key: what needs it says so itself.
  @Test func aCommandRunsWithoutTheRightToReadTheKey() throws {
    let folder = "\(root)/etc"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: root) }
    let script = try String(contentsOfFile: Installation.checkout("ops/sevk"), encoding: .utf8)
    try script.replacing("/etc/sevk", with: folder).write(toFile: "\(root)/sevk", atomically: true, encoding: .utf8)
    try "SEVK_LOG_LEVEL=debug\n".write(toFile: "\(folder)/sevk.env", atomically: true, encoding: .utf8)
    try "SEVK_SECRET_KEY=x\n".write(toFile: "\(folder)/secret-key.env", atomically: true, encoding: .utf8)
    func run(_ variable: String) throws -> ChildProgram.Result {
      let command = ["sh", "\(root)/sevk", "printenv", variable]
      // Root may read everything.
      let isRoot = getuid() == 0
      return try ChildProgram.run(
        isRoot ? "/usr/bin/setpriv" : "/usr/bin/env",
        (isRoot ? ["--reuid=65534", "--regid=65534", "--clear-groups"] : []) + command,
        environment: ["PATH": "/usr/bin:/bin"], folder: root)
    }
    #expect(try run("SEVK_SECRET_KEY").output == "x\n")
    for (file, code) in [("secret-key.env", Int32(0)), ("sevk.env", 77)] {
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: "\(folder)/\(file)")
      let result = try run("SEVK_LOG_LEVEL")
      #expect(result.code == code, "\(file): \(result.code) \(result.errors)")
      #expect(result.output == (code == 0 ? "debug\n" : ""))
    }
  }

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
