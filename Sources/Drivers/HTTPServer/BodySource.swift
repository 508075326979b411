import EventLoop

/// A body that is made while it is sent. A piece is asked for only after the one before it left, so a slow client slows
/// the source down.
@LoopActor
final class BodySource {
  private var task: Task<Void, Never>?

  /// - Parameters:
  ///   - put: sends a piece; false when nobody takes pieces any more.
  ///   - end: after the last piece.
  init(
    _ body: HTTPResponse.Body, put: @escaping @LoopActor ([UInt8]) async -> Bool, end: @escaping @LoopActor () -> Void
  ) {
    task = Task(executorPreference: EventLoop.shared) { await Self.pump(body, put, end) }
  }

  func cancel() { task?.cancel() }

  private static func pump(
    _ body: HTTPResponse.Body, _ put: @LoopActor ([UInt8]) async -> Bool, _ end: @LoopActor () -> Void
  ) async {
    switch body {
    case .bytes(let bytes): _ = await put(bytes)
    case .handover: break
    case .trickle(let bytes, let pause):
      for byte in bytes {
        guard (try? await EventLoop.sleep(for: pause)) != nil, await put([byte]) else { return }
      }
    case .stream(let stream):
      // Goes on when nobody takes pieces any more: the task is cancelled then, and asking once more tells the stream.
      for await piece in stream where !piece.isEmpty { _ = await put(piece) }
    }
    end()
  }
}
