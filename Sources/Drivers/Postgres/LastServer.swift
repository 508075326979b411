import EventLoop

/// Which of the servers of a connection string answered last, by its place among those that are tried.
@LoopActor
final class LastServer {
  var number = 0

  nonisolated init() {}
}
