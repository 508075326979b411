import Foundation
import Glibc
import Testing

@testable import CommandLine
@testable import Telemetry

/// Standard error when nobody reads it.
@Suite(.timeLimit(.minutes(1))) struct StandardErrorTests {
  private static func makePipe() throws -> (reader: Int32, writer: Int32) {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    return (ends[0], ends[1])
  }

  private static func read(_ reader: Int32, until isEnough: ([Substring]) -> Bool) -> [Substring] {
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let lines = text.split(separator: "\n")
      if text.hasSuffix("\n"), isEnough(lines) { return lines }
      let count = Glibc.read(reader, &buffer, buffer.count)
      guard count > 0 else { return lines }
      text += String(decoding: buffer[..<count], as: UTF8.self)
    }
  }

  @Test func whatNobodyReadsIsDroppedAndCounted() throws {
    let (reader, writer) = try Self.makePipe()
    defer { for end in [reader, writer] { close(end) } }
    let errors = StandardError(descriptor: writer)
    errors.describeLoss { "lost \($0)\n" }
    let line = String(repeating: "x", count: 999) + "\n"
    let written = 2000
    // More than pipe, thread and queue hold; a writer that waits would wait for ever.
    for _ in 0..<written { errors.write(line) }
    let dropped = errors.droppedTotal
    #expect(dropped > 0)
    // Some may be dropped before the thread takes what is queued first, and more while it writes that: it tells both. Behind
    // what it told last there may be lines that found room again.
    func told(_ lines: [Substring]) -> Int {
      lines.filter { $0.hasPrefix("lost ") }.compactMap { Int($0.dropFirst(5)) }.reduce(0, +)
    }
    let lines = Self.read(reader) { $0.count { $0.hasPrefix("x") } >= written - dropped && told($0) >= dropped }
    #expect(told(lines) == dropped)
    #expect(lines.count { $0.hasPrefix("x") } == written - dropped)
    #expect(lines.allSatisfy { $0.count == 999 || $0.hasPrefix("lost ") }, "a line is whole or not there")
    // From then on all of it comes again.
    errors.write("after\n")
    #expect(Self.read(reader) { !$0.isEmpty } == ["after"])
    errors.flush(within: .seconds(30))
    #expect(errors.droppedTotal == dropped)
  }

  @Test func aFileHasEveryLineAtOnce() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("sevk-\(UUID().uuidString)").path
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    try #require(file >= 0)
    defer {
      close(file)
      unlink(path)
    }
    let errors = StandardError(descriptor: file)
    for number in 0..<1000 {
      errors.write("line \(number)\n")
      if number == 500 { #expect(try String(contentsOfFile: path, encoding: .utf8).hasSuffix("line 500\n")) }
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").count == 1000)
  }

  @Test func aProcessThatEndsWritesItsLastLines() async throws {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      let log = Log(program: "worker", format: .text, level: .info)
      for number in 0..<100 { log.info("line \(number).") }
      Log.flush(within: .seconds(30))
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    for number in 0..<100 { #expect(text.contains("line \(number).")) }
  }
}
