import EventLoop
import Glibc
import PrivateServers

/// The process that takes webhooks.
@LoopActor
final class ReceiverProgram {
  private static let startLimit = Duration.seconds(30)
  private static let stopGrace = Duration.seconds(5)

  let process: ChildProgram
  /// `http://HOST:PORT`.
  let origin: String
  private let counts: String
  /// Lines that ``Receiver`` writes.
  let times: String

  /// - Parameter notesTimes: whether each post is noted in ``times``.
  init(_ stage: Stage, notesTimes: Bool) async throws {
    counts = stage.emptied("received")
    times = "\(stage.folder)/times"
    unlink(times)
    let port = try FreePort.find()
    origin = "http://127.0.0.1:\(port)"
    process = try ChildProgram(
      "\(Stage.binaries)/bench",
      [Roles.word, "receive", "--port", "\(port)"] + (notesTimes ? ["--times", times] : []),
      environment: ChildProgram.environment.merging([Counter.folderVariable: counts]) { $1 },
      log: "\(stage.folder)/receiver.log")
    let (process, counts) = (process, counts)
    try await Waiting.until("the receiver was ready", within: Self.startLimit) {
      if let end = process.poll() { throw RoundFailure("the receiver ended with \(end.words)", logsOf: [process]) }
      return Tally(folder: counts).processes == 1
    }
  }

  var tally: Tally { Tally(folder: counts) }

  func stop() async { await process.stop(SIGKILL, grace: Self.stopGrace) }
}
