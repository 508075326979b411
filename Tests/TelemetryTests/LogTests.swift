import CommandLine
import Foundation
import Orders
import Telemetry
import Testing

/// What the log writes, read from the standard error of a process of its own.
@Suite struct LogTests {
  @Test func jsonLinesAreJSONWhateverTheyCarry() async throws {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      let log = Log(program: "worker", format: .json, level: .info)
      log.debug("not shown")
      log.info(
        "line one\nline \"two\" \u{0}\u{1b}[31m \\",
        ["order": "a\tb", "gone": nil, "pin": "\(Pin("SECRET-PIN"))", "trace": "ğ😀"])
      log.error("bad", ["outcome": "\(QueryOutcome.completed(Pin("SECRET-PIN"), note: ""))"])
      Log.flush(within: .seconds(30))
    }
    let bytes = try #require(result).standardErrorContent
    let lines = bytes.split(separator: UInt8(ascii: "\n")).filter { $0.first == UInt8(ascii: "{") }
    #expect(lines.count == 2)
    let first = try JSONDecoder().decode([String: String].self, from: Data(lines[0]))
    #expect(first["message"] == "line one\nline \"two\" \u{0}\u{1b}[31m \\")
    #expect(first["level"] == "info" && first["program"] == "worker" && first["order"] == "a\tb")
    #expect(first["pin"] == "••••" && first["trace"] == "ğ😀" && first["gone"] == nil)
    #expect(first["time"]?.hasSuffix("Z") == true && first["time"]?.count == 24)
    let second = try JSONDecoder().decode([String: String].self, from: Data(lines[1]))
    #expect(second["level"] == "error")
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(!text.contains("SECRET") && !text.contains("not shown") && !text.contains("\u{1b}"))
  }

  @Test func textLinesCarryTheirFields() async throws {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      let log = Log(program: "worker", format: .text, level: .warning)
      log.info("not shown")
      log.warning("order held", ["order": "42", "reason": "why"])
      Log.flush(within: .seconds(30))
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.contains(" WARNING order held order=42 reason=why\n"))
    #expect(!text.contains("not shown"))
  }

  @Test(arguments: [("--log-level", "loud", "debug, info, warning or error"), ("--log-format", "xml", "text, json")])
  func wrongSettingsAreNamed(_ flag: String, _ value: String, _ text: String) throws {
    let arguments = try Arguments([flag, value], grammar: .init(values: ["--log-level", "--log-format"]))
    let error = #expect(throws: UsageError.self) { try Log(program: "p", Settings(arguments) { _ in nil }) }
    #expect(error?.description.contains(flag) == true && error?.description.contains(text) == true)
  }

  @Test func levelsAreInOrder() {
    #expect(LogLevel.allCases == LogLevel.allCases.sorted())
    #expect(LogLevel.debug < .error && !(LogLevel.error < .error))
  }
}
