import Foundation
import Testing

@testable import CommandLine

/// What an editor leaves in a file is not part of a secret.
@Suite struct SecretTextTests {
  @Test(arguments: ["demo", "demo\n", "demo\r\n", "\u{FEFF}demo\r\n", "demo\r", "demo\n\n", "\u{FEFF}demo"])
  func lineEndsAndByteOrderMarksGo(_ text: String) throws {
    #expect(try SecretText.read(text, "it") == "demo")
  }

  @Test(
    arguments: [
      ("de\u{200B}mo", "U+200B ZERO WIDTH SPACE, which can't be seen, as character 3"), ("demo\u{A0}", "U+00A0"),
      ("de\nmo", "U+000A"), ("demo\u{200F}\n", "U+200F RIGHT-TO-LEFT MARK"), ("demo\t", "U+0009"),
      (" demo", "begins with a blank"), ("demo \r\n", "ends with a blank"), ("de\u{FEFF}mo", "U+FEFF"),
      ("de\r\nmo", "U+000D"),
    ])
  func whatCannotBeSeenIsNamed(_ text: String, _ why: String) throws {
    let error = try #require(throws: UsageError.self) { _ = try SecretText.read(text, "it") }
    #expect(error.description.hasPrefix("it ") && error.description.contains(why), "\(error)")
    #expect(!error.description.contains("demo"))
  }

  @Test func inAFileAndOnTheCommandLine() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("sevk-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let grammar = Arguments.Grammar(values: ["--credential"])
    func read(_ value: String) throws -> String? {
      try Arguments(["--credential", "sifre=\(value)"], grammar: grammar).pairs("--credential")["sifre"]
    }
    try Data("\u{FEFF}ge heim\r\n".utf8).write(to: URL(fileURLWithPath: path))
    #expect(try read("@\(path)") == "ge heim")
    try Data("geheim\u{200E}\r\n".utf8).write(to: URL(fileURLWithPath: path))
    let error = try #require(throws: UsageError.self) { _ = try read("@\(path)") }
    #expect(error.description.contains("--credential sifre: \(path) holds U+200E LEFT-TO-RIGHT MARK"))
    #expect(throws: UsageError.self) { _ = try read("geheim\r") }
    #expect(try read(" geheim ") == " geheim ")
  }

  @Test func inAVariable() throws {
    func read(_ value: String) throws -> String {
      try Settings(Arguments([], grammar: .init()), environment: { _ in value }).secret(.secretKey)
    }
    #expect(try read("\u{FEFF}a2V5\r\n") == "a2V5")
    let error = try #require(throws: UsageError.self) { _ = try read("a2\u{A0}V5") }
    #expect(error.description.contains("SEVK_SECRET_KEY (or --secret-key) holds U+00A0 NO-BREAK SPACE"))
  }
}
