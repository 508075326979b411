import Jobs
import Seeded
import Testing

@Suite struct JobRecordTests {
  private static let seed: UInt64 = 99

  @Test func theWireFormIsAsDocumented() throws {
    let record = JobRecord(
      id: "a", kind: "dispatch", priority: .high, attempts: 3, enqueuedAt: 1700, trace: "00-ab-cd-01",
      payload: Array("x y  z".utf8))
    #expect(String(decoding: record.encoded(), as: UTF8.self) == "h1 dispatch 3 1700 00-ab-cd-01 x y  z")
    #expect(try JobRecord(id: "a", encoded: record.encoded()) == record)
    var flowing = record
    flowing.flow = "7/4"
    #expect(String(decoding: flowing.encoded(), as: UTF8.self) == "h17/4 dispatch 3 1700 00-ab-cd-01 x y  z")
    #expect(try JobRecord(id: "a", encoded: flowing.encoded()) == flowing)
    let least = JobRecord(id: "b", kind: "k")
    #expect(String(decoding: least.encoded(), as: UTF8.self) == "n1 k 0 0  ")
    #expect(try JobRecord(id: "b", encoded: least.encoded()) == least)
  }

  @Test func anyRecordReadsBack() throws {
    var random = SeededGenerator(seed: Self.seed)
    for _ in 0..<5000 {
      let record = random.record()
      #expect(try JobRecord(id: record.id, encoded: record.encoded()) == record, "seed \(Self.seed)")
    }
  }

  @Test(arguments: [
    ("", "does not begin with a priority"), ("h", "does not begin with a priority"),
    ("x1 k 0 0  ", "does not begin with a priority"), ("h2 k 0 0  ", "is of version 2, not 1"),
    ("h1 k 0 0 ", "5 fields, not 6"), ("h1", "1 fields, not 6"), ("h1 k x 0  ", "is not a number"),
    ("h1 k 0 x  ", "is not a number"), ("h1 k  0  ", "is not a number"), ("h1 k 1.5 0  ", "is not a number"),
    ("h1 k 99999999999999999999 0  ", "is not a number"), ("h1 k 0 99999999999999999999  ", "is not a number"),
    // Counting one on must not overflow later.
    ("h1 k 9223372036854775807 0  ", "is not a number"), ("h1 k -1 0  ", "is not a number"),
  ])
  func malformedRecordsSayWhatIsWrong(_ text: String, _ reason: String) {
    let error = #expect(throws: MalformedPayload.self) { try JobRecord(id: "a", encoded: Array(text.utf8)) }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test func hugeRecords() throws {
    var record = JobRecord(id: "a", kind: "k", payload: [UInt8](repeating: 32, count: JobRecord.payloadBytesMax))
    #expect(throws: Never.self) { try record.checkLimits() }
    #expect(try JobRecord(id: "a", encoded: record.encoded()) == record)
    record.payload.append(32)
    #expect(throws: MalformedPayload.self) { try record.checkLimits() }
    // What is stored already is read whatever its size; only spaces, only bytes that are no text.
    for byte: UInt8 in [0, 32, 0xff, UInt8(ascii: "h")] {
      #expect(throws: MalformedPayload.self) {
        try JobRecord(id: "a", encoded: [UInt8](repeating: byte, count: 10_000_000))
      }
    }
  }

  /// Damaged records are refused or read as some other record, and then an attempt at them can be settled.
  @Test func mutationsNeverCrash() {
    var random = SeededGenerator(seed: Self.seed)
    var refused = 0
    for _ in 0..<30_000 {
      var bytes = random.record().encoded()
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: 0..<max(bytes.count, 1), using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where !bytes.isEmpty: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1 where !bytes.isEmpty: bytes.remove(at: index)
        case 2: bytes.insert([32, 45, 57, 0, 255].randomElement(using: &random) ?? 32, at: min(index, bytes.count))
        default: bytes.removeLast(min(bytes.count, Int.random(in: 0...8, using: &random)))
        }
      }
      guard let record = try? JobRecord(id: "a", encoded: bytes) else {
        refused += 1
        continue
      }
      _ = Settlement(record, outcome: .retry(reason: "x"), policy: .persistent, using: &random)
      #expect((try? JobRecord(id: "a", encoded: record.encoded())) != nil, "seed \(Self.seed)")
    }
    #expect(refused > 1000)
  }
}

extension SeededGenerator {
  /// A record with any text that has no space in its kind and trace.
  fileprivate mutating func record() -> JobRecord {
    func word(_ max: Int, _ random: inout SeededGenerator) -> String {
      let letters = Array("abc-09ğ😀\u{0}\n")
      return String(
        (0..<Int.random(in: 0...max, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" })
    }
    return JobRecord(
      id: "id", kind: word(12, &self), priority: JobPriority.allCases.randomElement(using: &self) ?? .normal,
      flow: word(12, &self), attempts: .random(in: 0...1000, using: &self),
      enqueuedAt: .random(in: .min ... .max, using: &self),
      trace: word(55, &self),
      payload: (0..<Int.random(in: 0...60, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) })
  }
}
