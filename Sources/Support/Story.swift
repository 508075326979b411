import CommandLine
import Orders
public import Store

/// What happened to an order and what people did to it, oldest first: each decision before what it led to, and the same
/// answer to the same question told once.
public struct Story {
  public enum Event {
    case step(TimelineStep)
    case decision(Audit)
  }

  /// A time without a step.
  public struct Pause: Sendable, Equatable {
    /// RFC 3339, UTC.
    public let from: String
    public let milliseconds: Int64
  }

  /// A shorter pause is not told of.
  private static let pauseMin = Duration.seconds(60)

  public struct Entry {
    public let event: Event
    /// How often in a row; more than 1 for questions that were answered alike.
    public fileprivate(set) var count = 1
    /// RFC 3339, UTC: of the last of them.
    public fileprivate(set) var until: String
    /// The longest time between two of them, where that is more than a minute: nobody asked then.
    public fileprivate(set) var pause: Pause?

    init(_ event: Event) {
      self.event = event
      switch event {
      case .step(let step): until = step.time
      case .decision(let audit): until = audit.time
      }
    }
  }

  public private(set) var entries: [Entry] = []

  /// - Parameter isFull: true tells every answer.
  public init(_ steps: [TimelineStep], _ audits: [Audit], isFull: Bool) {
    var rest = audits[...]
    for step in steps {
      // Both times come from the database in one form, so texts compare as times do.
      while let audit = rest.first, audit.time <= step.time {
        entries.append(Entry(.decision(audit)))
        rest.removeFirst()
      }
      if !isFull, let last = entries.indices.last, case .step(let before) = entries[last].event,
        Self.isAlike(before, step)
      {
        entries[last].count += 1
        if let pause = Self.pause(from: entries[last].until, to: step.time),
          pause.milliseconds > entries[last].pause?.milliseconds ?? 0
        {
          entries[last].pause = pause
        }
        entries[last].until = step.time
      } else {
        entries.append(Entry(.step(step)))
      }
    }
    entries += rest.map { Entry(.decision($0)) }
  }

  /// The lines of it, with local times.
  public var lines: [String] { timedLines.map(\.line) }

  /// The lines of it and of what endpoints were told, by time.
  func lines(with deliveries: [DeliveryRow]) -> [String] {
    let told = deliveries.compactMap { row in row.deliveredAt.map { (time: $0, line: TimelineText.line(row, at: $0)) } }
    // Both times come from the database in one form, and the order of what is equally old stays.
    return (timedLines + told).enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }.map(\.element.line)
  }

  private var timedLines: [(time: String, line: String)] {
    entries.map { entry in (entry.until, line(entry)) }
  }

  private func line(_ entry: Entry) -> String {
    switch entry.event {
    case .decision(let audit): AuditText.line(audit)
    case .step(let step) where entry.count > 1: TimelineText.line(step, entry)
    case .step(let step): TimelineText.line(step)
    }
  }

  private static func pause(from: String, to: String) -> Pause? {
    guard let begin = LocalTime.milliseconds(rfc3339: from), let end = LocalTime.milliseconds(rfc3339: to),
      end - begin > pauseMin.milliseconds
    else { return nil }
    return Pause(from: from, milliseconds: end - begin)
  }

  /// Whether the same was asked and answered; how long it took does not matter. Each send is told.
  private static func isAlike(_ a: TimelineStep, _ b: TimelineStep) -> Bool {
    guard case .exchange(let first, let send) = a.kind, case .exchange(let second, let other) = b.kind else {
      return false
    }
    return first.kind != .send && first.kind == second.kind && send == other && first.request == second.request
      && first.status == second.status && first.reply == second.reply && first.error == second.error
  }
}
