/// A job as it is stored: everything but its state, which is where the broker keeps it.
public struct JobRecord: Sendable, Equatable {
  /// Unique in its queue.
  public var id: String
  /// Names the handler.
  public var kind: String
  public var priority: JobPriority
  /// Whose job it is: the flows of a queue take turns, so that one with many jobs does not delay the others. Jobs that
  /// name none are one flow. At most ``flowBytesMax`` bytes, no spaces.
  public var flow: String
  /// Failed attempts so far; an interrupted or snoozed one does not count.
  public var attempts: Int
  /// When it was first enqueued, in milliseconds of Unix time; for people, never for decisions.
  public var enqueuedAt: Int64
  /// W3C trace context of who enqueued it, or empty.
  public var trace: String
  public var payload: [UInt8]

  public init(
    id: String, kind: String, priority: JobPriority = .normal, flow: String = "", attempts: Int = 0,
    enqueuedAt: Int64 = 0, trace: String = "", payload: [UInt8] = []
  ) {
    self.id = id
    self.kind = kind
    self.priority = priority
    self.flow = flow
    self.attempts = attempts
    self.enqueuedAt = enqueuedAt
    self.trace = trace
    self.payload = payload
  }

  /// Most bytes of a payload.
  public static let payloadBytesMax = 65_536
  /// Most bytes of a flow's name.
  public static let flowBytesMax = 100

  // MARK: Wire form

  /// `<priority><version><flow> <kind> <attempts> <enqueuedAt> <trace> <payload>`, text so that `redis-cli` shows it.
  /// Scripts read the first word (`h`, `n` or `l`, then `1`, then the flow, if any) and nothing else. The id is the key
  /// it is stored under. Programs from before there were flows read it as well, and take all jobs for one flow.
  public func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(40 + flow.utf8.count + kind.utf8.count + trace.utf8.count + payload.count)
    bytes.append(contentsOf: priority.letter.utf8)
    bytes.append(Self.version)
    bytes.append(contentsOf: flow.utf8)
    bytes.append(32)
    bytes.append(contentsOf: kind.utf8)
    bytes.append(32)
    bytes.append(contentsOf: String(attempts).utf8)
    bytes.append(32)
    bytes.append(contentsOf: String(enqueuedAt).utf8)
    bytes.append(32)
    bytes.append(contentsOf: trace.utf8)
    bytes.append(32)
    bytes.append(contentsOf: payload)
    return bytes
  }

  /// Reads the wire form.
  ///
  /// - Throws: ``MalformedPayload`` that says what is wrong, so the job can be buried with that reason.
  public init(id: String, encoded bytes: [UInt8]) throws(MalformedPayload) {
    guard bytes.count >= 2, let priority = JobPriority(letter: bytes[0]) else {
      throw MalformedPayload("the job record does not begin with a priority")
    }
    guard bytes[1] == Self.version else {
      throw MalformedPayload("the job record is of version \(Character(UnicodeScalar(bytes[1]))), not 1")
    }
    // By hand and without an array of slices: this is done for every job.
    var ends: (Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0)
    var count = 0
    for (index, byte) in bytes.enumerated() where byte == 32 {
      switch count {
      case 0: ends.0 = index
      case 1: ends.1 = index
      case 2: ends.2 = index
      case 3: ends.3 = index
      default: ends.4 = index
      }
      count += 1
      if count == 5 { break }
    }
    guard count == 5 else { throw MalformedPayload("the job record has \(count + 1) fields, not 6") }
    func text(_ start: Int, _ end: Int) -> String { String(decoding: bytes[start..<end], as: UTF8.self) }
    guard let attempts = Int(text(ends.1 + 1, ends.2)), (0...Self.attemptsMax).contains(attempts),
      let enqueuedAt = Int64(text(ends.2 + 1, ends.3))
    else {
      throw MalformedPayload("attempts or enqueue time in the job record is not a number, or is out of range")
    }
    self.init(
      id: id, kind: text(ends.0 + 1, ends.1), priority: priority, flow: text(2, ends.0), attempts: attempts,
      enqueuedAt: enqueuedAt, trace: text(ends.3 + 1, ends.4), payload: Array(bytes[(ends.4 + 1)...]))
  }

  private static let version = UInt8(ascii: "1")
  /// No policy allows as many; a larger number is damage, and counting it on would overflow.
  private static let attemptsMax = 1_000_000_000
}

extension JobRecord {
  /// In which line it waits: the letter of its priority, then its flow.
  public var line: String { priority.letter + flow }
}

extension JobPriority {
  /// As records begin with it.
  public var letter: String {
    switch self {
    case .high: "h"
    case .normal: "n"
    case .low: "l"
    }
  }

  init?(letter: UInt8) {
    switch letter {
    case UInt8(ascii: "h"): self = .high
    case UInt8(ascii: "n"): self = .normal
    case UInt8(ascii: "l"): self = .low
    default: return nil
    }
  }
}
