import CommandLine
import Jobs
import Orders

/// The history of a queue in steps of minutes, ten minutes or hours.
struct QueueHistoryText {
  private struct Step {
    /// Milliseconds of Unix time.
    let start: Int64
    var tally: QueueTally
  }

  private let queue: QueueName
  private let span: Int
  private let stepMinutes: Int
  private let steps: [Step]

  /// - Parameters:
  ///   - now: the present minute, and `minutes` those in which something happened, of Unix time.
  ///   - span: how many minutes were asked for.
  init(queue: QueueName, now: Int64, minutes: [QueueMinute], span: Int) {
    self.queue = queue
    self.span = span
    stepMinutes = span <= 60 ? 1 : span <= 360 ? 10 : 60
    var steps: [Step] = []
    for minute in minutes where minute.minute <= now {
      let start = (minute.minute - minute.minute % Int64(stepMinutes)) * 60_000
      if steps.last?.start != start { steps.append(Step(start: start, tally: QueueTally())) }
      steps[steps.count - 1].tally += minute.tally
    }
    self.steps = steps
  }

  func table(on output: TextOutput) -> String {
    let every = stepMinutes == 60 ? "hour" : stepMinutes == 10 ? "ten minutes" : "minute"
    let asked = Duration.seconds(span * 60).inWords
    guard let first = steps.first else { return "\(queue): nothing happened in the last \(asked)" }
    let moves = QueueTally.Move.allCases
    let zone = LocalTime.zone(first.start)
    var table = TextTable(
      [.init("FROM (\(zone))")] + moves.map { .init($0.rawValue.uppercased(), isRight: true) })
    var sum = QueueTally()
    for step in steps {
      table.add([LocalTime.column(step.start)] + moves.map { "\(step.tally[$0])" })
      sum += step.tally
    }
    table.add(["in all"] + moves.map { "\(sum[$0])" })
    return "\(queue), the last \(asked), each \(every) in which something happened\n" + table.text(on: output)
  }

  var json: String {
    let rows = steps.map { step in
      let counts = QueueTally.Move.allCases.map { "\(JSONText.quote($0.rawValue)):\(step.tally[$0])" }
      return "{\"from\":\(JSONText.quote(Timestamp.rfc3339(step.start))),\(counts.joined(separator: ","))}"
    }
    return JSONText.object([
      "queue": JSONText.quote(queue.rawValue), "step_seconds": "\(stepMinutes * 60)", "history": JSONText.array(rows),
    ])
  }
}
