/// What one order waited for before it could be sent, and for how long: carried along by its job from one dispatcher to the next,
/// and written down with the send. Only ever told to people: it is lost with Redis, and then the time counts as the order's turn.
///
/// Times are ages of the order by the database's clock, in milliseconds.
public struct OrderWaits: Sendable, Equatable {
  public struct Wait: Sendable, Hashable {
    public let cause: WaitCause
    /// Whom it waited for.
    public let providerID: Int64
    public init(_ cause: WaitCause, at providerID: Int64) { (self.cause, self.providerID) = (cause, providerID) }
  }
  public struct Part: Sendable, Equatable {
    public let wait: Wait
    public var milliseconds: Int64
    public init(_ wait: Wait, milliseconds: Int64) { (self.wait, self.milliseconds) = (wait, milliseconds) }
  }

  /// What comes beyond so many counts as the order's turn.
  static let partsMax = 8
  /// Ten years: more is damage.
  private static let millisecondsMax: Int64 = 315_360_000_000

  /// Sends before the one that it waits for.
  public let sends: Int
  /// In the order in which they began.
  public private(set) var parts: [Part] = []
  /// The wait that it is in: since which age, and for how long it was meant.
  private var open: (wait: Wait, since: Int64, pause: Int64)?

  public init(sends: Int) { self.sends = sends }

  public var milliseconds: Int64 { parts.reduce(0) { $0 + $1.milliseconds } }

  /// Ends the wait that it is in. It lasted no longer than it was meant to: what came then was its turn.
  public mutating func end(age: Duration) {
    guard let open else { return }
    self.open = nil
    add(open.wait, max(0, min(age.milliseconds - open.since, open.pause)))
  }

  /// The same with a wait that begins now, as its job carries it.
  public func waiting(for wait: Wait, _ pause: Duration, age: Duration) -> [UInt8] {
    var waits = self
    waits.end(age: age)
    waits.open = (wait, age.milliseconds, max(0, pause.milliseconds))
    return waits.carried
  }

  private mutating func add(_ wait: Wait, _ milliseconds: Int64) {
    guard milliseconds > 0 else { return }
    if let index = parts.firstIndex(where: { $0.wait == wait }) {
      parts[index].milliseconds = min(parts[index].milliseconds + milliseconds, Self.millisecondsMax)
    } else if parts.count < Self.partsMax {
      parts.append(Part(wait, milliseconds: min(milliseconds, Self.millisecondsMax)))
    }
  }

  public static func == (a: Self, b: Self) -> Bool { a.carried == b.carried }
}

// How it is written.
extension OrderWaits {
  private static let mark = "w1"
  private static let bytesMax = 1_000

  /// `w1 SENDS CAUSE@PROVIDER:SINCE+PAUSE CAUSE@PROVIDER=MS,…`, with `-` for what there is none of.
  private var carried: [UInt8] {
    let now = open.map { "\(Self.text($0.wait)):\($0.since)+\($0.pause)" } ?? "-"
    return Array("\(Self.mark) \(sends) \(now) \(stored ?? "-")".utf8)
  }

  /// Reads what a job carries. What is damaged, or is of another send, is forgotten.
  public init(carried bytes: [UInt8], sends: Int) {
    self.init(sends: sends)
    guard bytes.count <= Self.bytesMax else { return }
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 4, words[0] == Self.mark, words[1] == "\(sends)",
      let parts = words[3] == "-" ? [] : Self.parts(stored: words[3])
    else { return }
    if words[2] != "-" {
      let halves = words[2].split(separator: ":", omittingEmptySubsequences: false)
      guard halves.count == 2, let wait = Self.wait(halves[0]) else { return }
      let times = halves[1].split(separator: "+", omittingEmptySubsequences: false)
      guard times.count == 2, let since = Self.number(times[0]), let pause = Self.number(times[1]) else { return }
      open = (wait, since, pause)
    }
    self.parts = parts
  }

  /// What is kept with the send: `down@3=640000,rate@3=1200`; nil when it waited for nothing.
  public var stored: String? {
    parts.isEmpty ? nil : parts.map { "\(Self.text($0.wait))=\($0.milliseconds)" }.joined(separator: ",")
  }

  /// Reads what is kept with a send; nil where that says something else. Causes of newer programs are left out.
  public static func parts(stored text: some StringProtocol) -> [Part]? {
    var found: [Part] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      let halves = word.split(separator: "=", omittingEmptySubsequences: false)
      guard halves.count == 2, let milliseconds = number(halves[1]), found.count < partsMax else { return nil }
      if let wait = wait(halves[0]) { found.append(Part(wait, milliseconds: milliseconds)) }
    }
    return found
  }

  private static func text(_ wait: Wait) -> String { "\(wait.cause.rawValue)@\(wait.providerID)" }

  private static func wait(_ text: some StringProtocol) -> Wait? {
    let halves = text.split(separator: "@", omittingEmptySubsequences: false)
    guard halves.count == 2, let cause = WaitCause(rawValue: String(halves[0])), let provider = number(halves[1]) else {
      return nil
    }
    return Wait(cause, at: provider)
  }

  private static func number(_ text: some StringProtocol) -> Int64? {
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(text), number <= millisecondsMax else {
      return nil
    }
    return number
  }
}
