public import EventLoop
public import Jobs
public import Redis

/// The broker on Redis. Every move is one Lua script for many jobs; all times are those of Redis' clock.
///
/// What several tasks enqueue or settle in the same queue within a tick goes out as one script call.
@LoopActor
public final class RedisBroker: Broker {
  /// Most jobs in one script call, so that none keeps Redis busy for more than a few milliseconds.
  public nonisolated static let jobsPerScriptMax = 500
  /// Batches of one queue under way at once: one that Redis works on while the next is gathered.
  static let batchesMax = 2

  nonisolated let client: RedisClient
  private nonisolated let prefix: String
  private var enqueuers: [QueueName: Batcher<[NewJob], [EnqueueResult]>] = [:]
  var settlers: [QueueName: Batcher<[HeldSettlement], [SettleResult]>] = [:]

  /// - Parameters:
  ///   - client: stays the caller's to close.
  ///   - prefix: the first part of every key.
  public nonisolated init(client: RedisClient, prefix: String = "sevk") {
    self.client = client
    self.prefix = prefix
  }

  nonisolated func keys(_ queue: QueueName) -> Keys { Keys(prefix: prefix, queue: queue) }

  // MARK: Adding

  /// - Throws: `MalformedPayload` when one is beyond the limits of `JobRecord`, and then adds none; otherwise
  ///   `RedisError`, after which jobs may have been added.
  public func enqueue(_ jobs: [NewJob], to queue: QueueName) async throws -> [EnqueueResult] {
    guard !jobs.isEmpty else { return [] }
    for job in jobs { try job.record.checkLimits() }
    let batcher =
      enqueuers[queue]
      ?? Batcher(batchMax: Self.jobsPerScriptMax, concurrencyMax: Self.batchesMax) {
        [client, keys = keys(queue)] calls in
        await ScriptBatches.run(calls) { try await Self.enqueue($0, client, keys) }
      }
    enqueuers[queue] = batcher
    return try await batcher.submit(jobs)
  }

  private static func enqueue(_ jobs: [NewJob], _ client: RedisClient, _ keys: Keys) async throws -> [EnqueueResult] {
    let call = EnqueueCall(jobs)
    let reply = try await client.run(Scripts.enqueue, keys: keys.arguments, arguments: call.arguments)
    let letters = try Reply(reply).letters(jobs.count)
    var results = [EnqueueResult](repeating: .added, count: jobs.count)
    for (index, letter) in zip(call.indices, letters) {
      if let state = JobState(letter: letter) { results[index] = .duplicate(state) }
    }
    return results
  }

  // MARK: Claiming

  /// Takes at most ``jobsPerScriptMax`` at once.
  public func claim(
    _ max: Int, from queue: QueueName, token: String, lease: Duration, runsNothingElse: Bool
  ) async throws -> Claim {
    guard max > 0 else { return Claim(jobs: []) }
    let reply = try await client.run(
      Scripts.claim, keys: keys(queue).arguments,
      arguments: [
        .integer(Int64(min(max, Self.jobsPerScriptMax))), .string(token), .integer(lease.millisecondsRoundedUp),
        .integer(Int64(DeadWorkers.suspicious)), runsNothingElse ? "1" : "0",
      ],
      // Redis works on it while the jobs of the last claim run here.
      isUrgent: true)
    let (parts, suspectsLeft) = try Reply(reply).partsAndNumber(3)
    var claim = Claim(jobs: [], suspectsLeft: Int(suspectsLeft))
    claim.jobs.reserveCapacity(parts[0].count)
    for (id, record) in zip(parts[0], parts[1]) {
      guard let id = id.text, let bytes = record.bytes else { continue }
      do {
        claim.jobs.append(try JobRecord(id: id, encoded: bytes))
      } catch {
        claim.malformed.append((id, error.description))
      }
    }
    for row in try Reply(.array(parts[2])).rows(2) {
      guard let id = row[row.startIndex].text, let text = row[row.startIndex + 1].text else { continue }
      claim.crashes[id] = Int(text)
    }
    return claim
  }

  public func extend(_ ids: [String], in queue: QueueName, token: String, lease: Duration) async throws -> [String] {
    guard !ids.isEmpty else { return [] }
    let reply = try await client.run(
      Scripts.extend, keys: keys(queue).arguments,
      arguments: [.string(token), .integer(lease.millisecondsRoundedUp)] + ids.map { .string($0) })
    return try Reply(reply).texts()
  }

  // MARK: Time

  /// Moves at most ``jobsPerScriptMax`` of each at once; `next` is then zero when more are due.
  public func promote(in queue: QueueName, max: Int, crashesMax: Int) async throws -> Promotion {
    let keys = keys(queue)
    let count = RedisArgument.integer(Int64(Swift.max(0, min(max, Self.jobsPerScriptMax))))
    // Both go out in one write.
    async let promoting = client.run(Scripts.promote, keys: keys.arguments, arguments: [count])
    async let reaping = client.run(
      Scripts.reap, keys: keys.arguments, arguments: [count, .integer(Int64(crashesMax))])
    let promoted = try Reply(try await promoting).numbers(3)
    let reaped = try Reply(try await reaping).numbers(3)
    let next = [promoted[1], reaped[2]].filter { $0 >= 0 }.min()
    return Promotion(
      promoted: Int(promoted[0]), reaped: Int(reaped[0]), buried: Int(reaped[1]), next: next.map { .milliseconds($0) },
      lateness: promoted[2] >= 0 ? .milliseconds(promoted[2]) : nil)
  }

  /// - Throws: `RedisError`, or `CancellationError` as soon as the task is cancelled.
  public func waitForReady(in queue: QueueName, limit: Duration) async throws {
    _ = try await client.blockingPop(key: keys(queue).wakeName, limit: limit)
  }

  /// A lease that begins is no due time: who reaps must not wait longer than a lease lasts.
  ///
  /// - Throws: `RedisError`, or `CancellationError` as soon as the task is cancelled.
  public func waitForEarlierDue(in queue: QueueName, limit: Duration) async throws {
    _ = try await client.blockingPop(key: keys(queue).dueWakeName, limit: limit)
  }

  /// Ends the connections that the two waits above use; who waits there returns.
  public func closeWaiters() { client.closeWaiters() }
}
