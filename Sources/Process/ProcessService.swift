public import EventLoop

/// One responsibility of a process: started in order, stopped in the reverse order.
@LoopActor
public protocol ProcessService: AnyObject, Sendable {
  /// For the log.
  var name: String { get }
  /// Returns once it works, or throws one clear line.
  func start() async throws
  /// Finishes what it began and returns when nothing of it runs any more.
  func stop() async
}
