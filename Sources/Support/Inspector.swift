import CommandLine
public import EventLoop
import Glibc
import Process
public import Redis

/// Asks every listed process a question, and says which did not answer.
@LoopActor
public struct Inspector {
  private let redis: RedisClient
  /// A live process answers within milliseconds; one that doesn't in this time is taken for dead or stuck.
  private static let patience = Duration.milliseconds(800)
  /// A silent process is dropped from the list after so long without renewing its entry.
  private static let forgottenSecondsMax = 60

  public init(redis: RedisClient) { self.redis = redis }

  /// Drops processes from the list that were not heard of for a minute, so that it does not grow with each one that was
  /// killed. One that lives lists itself again within seconds.
  public func forgetSilent() async throws {
    let silent = try await listed().filter { $0.value > Self.forgottenSecondsMax }.keys
    for process in silent {
      _ = try await redis.command("HDEL", .string(ControlService.registry), .string(process))
    }
  }

  /// The processes, and how many seconds ago each was heard of.
  private func listed() async throws -> [String: Int] {
    var listed: [String: Int] = [:]
    let entries = try await redis.command("HGETALL", .string(ControlService.registry)).array ?? []
    for index in stride(from: 0, to: entries.count - 1, by: 2) {
      guard let process = entries[index].text, let seen = entries[index + 1].text.flatMap({ Int($0) }) else { continue }
      let (ago, isAbsurd) = time(nil).subtractingReportingOverflow(seen)
      listed[process] = isAbsurd ? .max : ago
    }
    return listed
  }

  public struct Answers: Sendable {
    /// JSON objects `{"process":…,"answer":…}`.
    public var replies: [String]
    /// The programs of the processes that did.
    public var programs: Set<String>
    /// Listed processes that did not answer, with the seconds since they were last seen.
    public var silent: [(process: String, seenSecondsAgo: Int)]
  }

  public func ask(_ question: String) async throws -> Answers {
    let listed = try await listed()
    let replyKey = "sevk:reply:\(UInt64.random(in: 0...UInt64.max))"
    for process in listed.keys {
      let questions = RedisArgument.string(ControlService.questions(process))
      _ = try await redis.command("RPUSH", questions, .string("\(question) \(replyKey)"))
      _ = try await redis.command("EXPIRE", questions, 30)
      _ = try await redis.command("ZADD", .string(ControlService.bell(process)), 0, "1")
      _ = try await redis.command("EXPIRE", .string(ControlService.bell(process)), 30)
    }
    var replies: [String] = []
    let deadline = ContinuousClock.now + Self.patience
    while replies.count < listed.count, ContinuousClock.now < deadline {
      let batch = try await redis.command("LPOP", .string(replyKey), 100).array ?? []
      replies += batch.compactMap(\.text)
      if batch.isEmpty { try await EventLoop.sleep(for: .milliseconds(5)) }
    }
    var silent: [(process: String, seenSecondsAgo: Int)] = []
    var programs: Set<String> = []
    for (process, seen) in listed {
      if replies.contains(where: { $0.contains(JSONText.quote(process)) }) {
        programs.insert(String(process.prefix { $0 != "@" }))
      } else if seen > Self.forgottenSecondsMax {
        _ = try await redis.command("HDEL", .string(ControlService.registry), .string(process))
      } else {
        silent.append((process, seen))
      }
    }
    return Answers(replies: replies.sorted(), programs: programs, silent: silent.sorted { $0.process < $1.process })
  }
}
