import FoundationEssentials

/// A process's answer in words.
enum InspectText {
  private struct Reply: Decodable {
    let process: String
    let answer: Answer
  }

  private enum Answer: Decodable {
    case text(String)
    case stats(Stats)
    case jobs([Job])
    case names([String])
    case queues([Queue])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if let stats = try? container.decode(Stats.self) {
        self = .stats(stats)
      } else if let jobs = try? container.decode([Job].self) {
        self = .jobs(jobs)
      } else if let names = try? container.decode([String].self) {
        self = .names(names)
      } else {
        self = .queues(try container.decode([Queue].self))
      }
    }
  }

  private struct Stats: Decodable {
    let uptime_seconds: Int
    let queues: [String]
    let active: Int
    let jobs_processed: Int
    let rss_bytes: Int
  }

  private struct Job: Decodable {
    let queue: String
    let kind: String
    let id: String
    let running_ms: Int
  }

  private struct Queue: Decodable {
    let queue: String
    let concurrency: Int
  }

  /// The process and what it said, a row for each thing.
  static func rows(_ json: String) -> [[String]] {
    guard let reply = try? JSONDecoder().decode(Reply.self, from: Data(json.utf8)) else { return [[json]] }
    return lines(reply.answer).map { [reply.process, $0] }
  }

  private static func lines(_ answer: Answer) -> [String] {
    switch answer {
    case .text(let text): return [text]
    case .stats(let stats):
      let queues = stats.queues.isEmpty ? "no queues" : stats.queues.joined(separator: ", ")
      return [
        "up \(stats.uptime_seconds) s, \(queues), \(stats.jobs_processed) jobs processed, \(stats.active) active,"
          + " \(stats.rss_bytes / 1_048_576) MiB"
      ]
    case .names(let names): return [names.joined(separator: ", ")]
    case .queues(let queues):
      return [queues.map { "\($0.queue), \($0.concurrency) jobs at once" }.joined(separator: "; ")]
    case .jobs(let jobs):
      guard !jobs.isEmpty else { return ["none"] }
      return jobs.map { "\($0.queue) \($0.kind) \($0.id) for \($0.running_ms) ms" }
    }
  }
}
