import EventLoop
import Store
import Telemetry

/// Says every few seconds which secret keys this process has, and seals with the one that is active.
@LoopActor
final class KeyService: ProcessService {
  let name = "secret keys"
  private let book: KeyBook
  private let process: String
  private let log: Log
  private var task: Task<Void, Never>?
  /// The active key that this process lacks, once it was told of.
  private var missing: String?
  /// A key that is made active is used everywhere after so long.
  private static let pause = Duration.seconds(3)

  init(_ book: KeyBook, process: String, log: Log) {
    self.book = book
    self.process = process
    self.log = log
  }

  func start() async throws {
    // Listed before it does anything, unless the database is away for the moment.
    await report()
    task = Task(executorPreference: EventLoop.shared) { await self.keepReporting() }
  }

  func stop() async {
    task?.cancel()
    await task?.value
    try? await book.leave(process)
  }

  private func keepReporting() async {
    while !Task.isCancelled {
      try? await EventLoop.sleep(for: Self.pause)
      guard !Task.isCancelled else { return }
      await report()
    }
  }

  private func report() async {
    // What a database says that is away, others say already.
    guard let missing = try? await book.report(process) else { return missing = nil }
    guard missing != self.missing else { return }
    self.missing = missing
    log.error(
      "another secret key is used since, and this process does not have it: restart it with the SEVK_SECRET_KEY of the others",
      ["key": missing])
  }
}
