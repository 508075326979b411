internal import EventLoop
internal import Jobs
internal import Redis

/// What many callers asked for in one tick, as few script calls as possible.
@LoopActor
enum ScriptBatches {
  /// Runs `perform` on all inputs in pieces of at most ``RedisBroker/jobsPerScriptMax``, all under way at once, and
  /// gives each call the answers to its own inputs, or the error of a piece that held one of them.
  static func run<Input: Sendable, Output: Sendable>(
    _ calls: [[Input]], _ perform: @escaping @Sendable ([Input]) async throws -> [Output]
  ) async -> [Result<[Output], any Error>] {
    let answers = await answers(to: calls.count == 1 ? calls[0] : calls.flatMap(\.self), perform)
    var start = 0
    return calls.map { call in
      defer { start += call.count }
      return Result { try answers[start..<start + call.count].map { try $0.get() } }
    }
  }

  private static func answers<Input: Sendable, Output: Sendable>(
    to inputs: [Input], _ perform: @escaping @Sendable ([Input]) async throws -> [Output]
  ) async -> [Result<Output, any Error>] {
    let size = RedisBroker.jobsPerScriptMax
    if inputs.count <= size { return await piece(inputs, perform) }
    return await withTaskGroup(of: (Int, [Result<Output, any Error>]).self) { group in
      for start in stride(from: 0, to: inputs.count, by: size) {
        let part = Array(inputs[start..<min(start + size, inputs.count)])
        group.addTask { (start, await piece(part, perform)) }
      }
      var pieces: [Int: [Result<Output, any Error>]] = [:]
      for await (start, piece) in group { pieces[start] = piece }
      return stride(from: 0, to: inputs.count, by: size).flatMap { pieces[$0] ?? [] }
    }
  }

  private static func piece<Input: Sendable, Output: Sendable>(
    _ inputs: [Input], _ perform: @Sendable ([Input]) async throws -> [Output]
  ) async -> [Result<Output, any Error>] {
    do {
      return try await perform(inputs).map { .success($0) }
    } catch {
      return inputs.map { _ in .failure(error) }
    }
  }
}
