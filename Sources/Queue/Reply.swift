internal import Jobs
internal import Redis

/// What a script answered, in the form its header promises.
struct Reply {
  private let value: RedisValue

  init(_ value: RedisValue) { self.value = value }

  /// One letter for each of `count` inputs.
  func letters(_ count: Int) throws(RedisError) -> [UInt8] {
    guard let bytes = value.bytes, bytes.count == count else { throw malformed }
    return bytes
  }

  /// At least `count` numbers.
  func numbers(_ count: Int) throws(RedisError) -> [Int64] {
    guard let numbers = value.array?.map(\.integer), numbers.count >= count else { throw malformed }
    return try numbers.map { number throws(RedisError) in
      guard let number else { throw malformed }
      return number
    }
  }

  /// Texts.
  func texts() throws(RedisError) -> [String] {
    guard let texts = value.array?.map(\.text) else { throw malformed }
    return texts.compactMap(\.self)
  }

  /// Rows of `width` values after a first part of `skipped`.
  func rows(_ width: Int, skipping skipped: Int = 0) throws(RedisError) -> [ArraySlice<RedisValue>] {
    guard let values = value.array, values.count >= skipped, (values.count - skipped) % width == 0 else {
      throw malformed
    }
    return stride(from: skipped, to: values.count, by: width).map { values[$0..<$0 + width] }
  }

  /// Arrays in an array of `count`.
  func parts(_ count: Int) throws(RedisError) -> [[RedisValue]] {
    guard let parts = value.array?.compactMap(\.array), parts.count == count else { throw malformed }
    return parts
  }

  /// Parts, and a number behind them.
  func partsAndNumber(_ count: Int) throws(RedisError) -> (parts: [[RedisValue]], number: Int64) {
    guard let all = value.array, all.count == count + 1, let number = all[count].integer else { throw malformed }
    return (try Reply(.array(Array(all.prefix(count)))).parts(count), number)
  }

  func flag() throws(RedisError) -> Bool {
    guard let number = value.integer else { throw malformed }
    return number == 1
  }

  private var malformed: RedisError {
    RedisError(.protocolError, "a script of the queue answered in an unexpected form")
  }
}

/// A job as the inspection scripts answer it: id, record, time, token or reason, leases lost. No reason at all is one that
/// was deleted: a job is never buried without.
extension ListedJob {
  init?(row: ArraySlice<RedisValue>, state: JobState, now: Int64) {
    let row = Array(row)
    guard row.count == 5, let id = row[0].text, let bytes = row[1].bytes, let score = row[2].text,
      let detail = row[3].text ?? (row[3].isNull ? ListedJob.lostReason : nil), let crashes = row[4].text
    else { return nil }
    let remaining: Duration? =
      switch state {
      case .leased, .delayed, .dead: Int64(score).map { .milliseconds($0 - now) }
      case .ready: nil
      }
    // Programs from before keep no count with a dead job.
    let died = state == .dead ? Int(crashes) ?? DeadWorkers.count(in: detail) : nil
    do {
      self.init(
        record: try JobRecord(id: id, encoded: bytes), state: state, remaining: remaining, detail: detail,
        workersDied: died)
    } catch {
      let record = JobRecord(id: id, kind: "unreadable", payload: bytes)
      // What can still be seen is said beside a reason that is lost.
      let words = row[3].isNull ? "\(detail); \(error)" : detail.isEmpty ? error.description : detail
      self.init(record: record, state: state, remaining: remaining, detail: words, workersDied: died)
    }
  }
}
