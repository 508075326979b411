import EventLoop
import OrderWork
import Process
import Telemetry

/// Gives Redis once, in the background, what a dispatcher that was killed may not have announced. The last to start: a
/// dispatcher that can't listen has nothing to rebuild.
@LoopActor
final class StartRebuild: ProcessService {
  let name = "rebuild at start"
  private let reconciler: Reconciler
  private let log: Log
  private var isStopping = false

  init(_ reconciler: Reconciler, log: Log) {
    self.reconciler = reconciler
    self.log = log
  }

  func start() async throws {
    Task(executorPreference: EventLoop.shared) { await self.rebuild() }
  }

  /// What is under way ends with the connections, and a scheduler does the rest.
  func stop() async { isStopping = true }

  private func rebuild() async {
    do { try await reconciler.reconcile() } catch {
      guard !isStopping else { return }
      log.warning("the rebuild at start is left to a scheduler", ["reason": "\(error)"])
    }
  }
}
