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
    let fields = bytes.split(separator: 32, maxSplits: 5, omittingEmptySubsequences: false)
    guard fields.count == 6 else { throw MalformedPayload("the job record has \(fields.count) fields, not 6") }
    func text(_ index: Int) -> String { String(decoding: fields[index], as: UTF8.self) }
    guard let attempts = Int(text(2)), (0...Self.attemptsMax).contains(attempts), let enqueuedAt = Int64(text(3)) else {
      throw MalformedPayload("attempts or enqueue time in the job record is not a number, or is out of range")
    }
    self.init(
      id: id, kind: text(1), priority: priority, flow: String(decoding: fields[0].dropFirst(2), as: UTF8.self),
      attempts: attempts, enqueuedAt: enqueuedAt, trace: text(4),
      payload: Array(fields[5]))
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
