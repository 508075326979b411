import CommandLine
import EventLoop
import Foundation
import Testing

/// Comma-separated values as programs and people write them.
@Suite struct CSVTests {
  private func rows(_ text: String, piece: Int = .max) -> [CSVParser.Row] {
    var parser = CSVParser()
    var rows: [CSVParser.Row] = []
    var rest = Array(text.utf8)[...]
    repeat {
      let part = rest.prefix(piece)
      rest = rest.dropFirst(part.count)
      rows += parser.feed(part, isEnd: rest.isEmpty)
    } while !rest.isEmpty
    return rows
  }

  @Test func everySpellingReadsTheSameHoweverItIsCut() {
    let expected: [[String]] = [["a", "b"], ["1", "x, \"y\"\r\nz"], ["", "ü"]]
    for (mark, end) in [(",", "\n"), (";", "\r\n"), ("\t", "\n"), (",", "\r")] {
      let text = ["\u{FEFF}a\(mark)\"b\"", "1\(mark)\"x, \"\"y\"\"\r\nz\"", "", "\(mark)ü"].joined(separator: end)
      for piece in [1, 2, 3, 7, .max] {
        for tail in ["", end] {
          let found = rows(text + tail, piece: piece)
          #expect(found.map(\.fields) == expected, "\(mark.debugDescription) \(piece)")
          #expect(found.map(\.line) == [1, 2, 5] && found.allSatisfy { $0.problem == nil })
        }
      }
    }
  }

  @Test func whatCantBeReadIsToldAndTheRestIsRead() {
    let found = rows("a,b\n1,x\"y\n2,\"x\"y\n3,fine\n\"open")
    #expect(found.map(\.line) == [1, 2, 3, 4, 5])
    #expect(found.map { $0.problem != nil } == [false, true, true, false, true])
    let long = rows("a\n\(String(repeating: "x", count: CSVParser.fieldBytesMax + 1))\nb")
    #expect(long.map { $0.problem != nil } == [false, true, false])
    var parser = CSVParser()
    let bytes = parser.feed([0x61, 0x0A, 0xFF, 0x0A, 0x62], isEnd: true)
    #expect(bytes.map { $0.problem != nil } == [false, true, false])
    #expect(rows("").isEmpty && rows("\n\n").isEmpty)
    #expect(rows(String(repeating: ",", count: CSVParser.fieldsMax)).first?.problem != nil)
  }
}
