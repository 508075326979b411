import CommandLine
import PrivateServers

/// `bench jobs`
enum JobsCommand {
  private static let jobsDefault = 200_000

  static let command = Command(
    "jobs",
    usage: """
      [--jobs N] [--rounds N] [--against DIR] [--peers celery,sidekiq,…|all] [--peer-jobs N] [--peer-limit SECONDS] \
      [--json FILE]
      """,
    """
    No-op jobs: one process puts them into the queue one call a job, then one worker process of Sevk (two of the peers,
    where that is faster) runs them. Each process waits at a gate until all are ready and counts in memory; what is
    counted must be exact. Systems take turns, round by round; figures are the median, the least and the greatest.
    """,
    grammar: .init(
      values: ["--jobs", "--rounds", OtherVersion.flag, "--peers", "--peer-jobs", Peers.limitFlag, "--json"]),
    details: [OtherVersion.details, Peers.limitDetails],
    example: "ops/bench jobs --rounds 5 --peers celery,sidekiq --json jobs.json"
  ) { arguments, _ in
    let jobs = try Numbers.integer(arguments, "--jobs", default: jobsDefault, in: 1...10_000_000)
    let rounds = try Numbers.integer(arguments, "--rounds", default: 5, in: 1...100)
    let peerJobs = try Numbers.integer(arguments, "--peer-jobs", in: 1...10_000_000)
    let names = try Peers.names(arguments.value("--peers"))
    let limit = try Peers.limit(arguments)
    let programs = Peers.folder()
    let other = try OtherVersion(arguments, programs: ["bench"])
    let file = arguments.value("--json")
    try await Stage.run { stage in
      let peers = try await Peers(stage: stage, names: names, programs: programs)
        .contenders(jobs: peerJobs, limit: limit)
      let others = other.map { [Contender.sevk(jobs: jobs, other: $0)] } ?? []
      let bench = JobsBench(
        stage: stage, redis: RedisServer(folder: "\(stage.folder)/redis", log: "\(stage.folder)/redis.log"),
        contenders: [.sevk(jobs: jobs)] + others + peers, rounds: rounds)
      try await stage.keeping { (report: JobsReport) in
        report.show()
      } as: { report in
        if let file { try Output.json(report, to: file) }
      } of: { keep in
        try await bench.run(keep)
      }
    }
  }
}

extension Contender {
  /// Sevk itself: this program in the part of a process that enqueues, and of one that works.
  ///
  /// - Parameter other: the version whose `bench` plays these parts; nil for this one.
  static func sevk(jobs: Int, other: OtherVersion? = nil) -> Contender {
    let program = "\(other?.folder ?? Stage.binaries)/bench"
    return Contender(
      name: other == nil ? "sevk" : OtherVersion.name, jobs: jobs,
      enqueue: Launch(program: program, arguments: [Roles.word, "enqueue", "--jobs", "\(jobs)"]),
      workers: [Launch(program: program, arguments: [Roles.word, "work"])], workerProcesses: 1,
      // Another version may keep its jobs in another way, which this one can't count.
      queue: other == nil ? NoOp.queue : nil,
      setUp: (other.map { "the programs in \($0.folder); " } ?? "") + """
        one worker process, its default settings; leases, fencing, metrics as in production; enqueued one call a job, \
        \(NoOp.lanes) under way
        """)
  }
}

/// Numbers on the command line.
enum Numbers {
  static func integer(_ arguments: Arguments, _ flag: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = arguments.value(flag) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw UsageError("\(flag) is \"\(text)\", but must be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  static func integer(_ arguments: Arguments, _ flag: String, default fallback: Int, in range: ClosedRange<Int>) throws
    -> Int
  {
    try integer(arguments, flag, in: range) ?? fallback
  }
}
