internal import Jobs
internal import Redis

/// New jobs as the script takes them: those of one line together, so that it need not look into their records.
struct EnqueueCall {
  private struct Group {
    let line: String
    var rows: [RedisArgument] = []
    var delays: [RedisArgument] = []
    var indices: [Int] = []
  }

  let arguments: [RedisArgument]
  /// Where each job of the arguments stands in the input.
  let indices: [Int]

  init(_ jobs: [NewJob]) {
    var groups: [Group] = []
    var groupByLine: [String: Int] = [:]
    for (index, job) in jobs.enumerated() {
      let isDelayed = job.delay > .zero
      let line = isDelayed ? "" : job.record.line
      let number: Int
      if let last = groups.last, last.line == line {
        number = groups.count - 1
      } else if let known = groupByLine[line] {
        number = known
      } else {
        number = groups.count
        groupByLine[line] = number
        groups.append(Group(line: line))
      }
      groups[number].rows.append(.string(job.record.id))
      groups[number].rows.append(.bytes(job.record.encoded()))
      if isDelayed { groups[number].delays.append(.integer(job.delay.millisecondsRoundedUp)) }
      groups[number].indices.append(index)
    }
    arguments = groups.flatMap { group in
      [.string(group.line), .integer(Int64(group.indices.count))] + group.rows + group.delays
    }
    indices = groups.flatMap(\.indices)
  }
}
