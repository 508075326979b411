import CommandLine

import EventLoop
import FoundationEssentials
import Jobs
import Kinds
import OrderWork
import Orders
import Postgres
import Process
import Queue
import Redis
import Store

/// Holds PostgreSQL against Redis and against the processes, and says what disagrees.
@LoopActor
struct Doctor {
  /// Something that is wrong, and what mends it.
  struct Finding {
    let what: String
    let count: Int
    let text: String
    /// A command or what to do.
    let mend: String
    var examples: [String] = []
  }

  struct Report {
    var findings: [Finding] = []
    /// What orders wait for that nobody need mend, or that a finding has named already.
    var notices: [Finding] = []
    /// nil, as the next two, when it could not be read.
    var openOrders: Int?
    var heldOrders: Int?
    var jobs: Int?
    var hasDatabase: Bool { openOrders != nil }
  }

  private static let pageMax = 1000
  static let examplesMax = 5
  /// What looks wrong for a moment while an order moves is looked at again after this.
  private static let secondLook = Duration.milliseconds(700)

  private let sources: SupportSources
  private var report = Report()
  private var pausedQueues: Set<QueueName> = []
  /// Those of which a process answers.
  private var programs: Set<String> = []
  /// Those that a process takes jobs from; nil when none could be asked.
  private var servedQueues: Set<QueueName>?
  /// Jobs that are dead because their orders were held.
  private var deadOfHeld: [String] = []

  init(sources: SupportSources) { self.sources = sources }

  static func examine(_ sources: SupportSources) async throws -> Report {
    var doctor = Doctor(sources: sources)
    let hasDatabase = try await doctor.lookAtDatabase()
    let hasRedis = await doctor.lookAtRedis()
    // A server that fails in between costs the part that asked it, and is said.
    if hasDatabase { do { try await doctor.lookAtFigures() } catch { doctor.note(error, "orders and events") } }
    let redis = await DoctorRedis.examine(sources, answers: hasRedis)
    doctor.report.findings += redis.findings
    doctor.report.notices += redis.notices
    if hasRedis {
      do { try await doctor.lookAtQueues(hasDatabase: hasDatabase) } catch { doctor.note(error, "queues") }
      do { try await doctor.lookAtProcesses() } catch { doctor.note(error, "processes") }
    }
    if hasDatabase {
      if hasRedis { do { try await doctor.lookAtMark() } catch { doctor.note(error, "the mark of the installation") } }
      do { try await doctor.compare(withJobs: hasRedis) } catch { doctor.note(error, "open orders and their jobs") }
      do {
        let (findings, notices) = try await DoctorEndpoints.examine(sources, servedQueues: doctor.servedQueues)
        doctor.report.findings += findings
        doctor.report.notices += notices
      } catch { doctor.note(error, "endpoints") }
      do { doctor.report.notices += try await DoctorAccounts.examine(sources) } catch {
        doctor.note(error, "accounts")
      }
      do { doctor.report.notices += try await DoctorStock.examine(sources) } catch { doctor.note(error, "stocks") }
      do { doctor.report.findings += try await DoctorChannels.examine(sources) } catch {
        doctor.note(error, "channels")
      }
      do { doctor.report.findings += try await DoctorKeys.examine(sources) } catch { doctor.note(error, "secret keys") }
    }
    return doctor.report
  }

  private mutating func add(
    _ what: String, _ count: Int, _ text: String, mend: String, _ examples: some Sequence<String> = []
  ) {
    report.findings.append(
      Finding(what: what, count: count, text: text, mend: mend, examples: Array(examples.prefix(Self.examplesMax))))
  }

  /// `1 order`, `12 orders`.
  static func orders(_ count: Int) -> String { count == 1 ? "1 order" : "\(count) orders" }

  // MARK: The servers

  private mutating func lookAtDatabase() async throws -> Bool {
    do {
      try await sources.store.pool.connect()
    } catch {
      let promotion = "; if the primary is lost, promote the standby: ops/RUNBOOK.md, \"When the primary is lost\""
      add(
        "postgres_away", 1, "\(error)",
        mend: "start PostgreSQL, or mend \(Setting.databaseURL.variable)"
          + (sources.store.pool.namesSeveralServers ? promotion : ""))
      return false
    }
    do {
      try await Migrator(pool: sources.store.pool).requireCurrent()
      if let why = try await sources.store.readOnlyReason() {
        add(
          "postgres_read_only", 1, "PostgreSQL is read-only: \(why); no order is taken, and nothing goes on",
          mend:
            "promote it, or mend \(Setting.databaseURL.variable): of several hosts target_session_attrs=read-write finds"
            + " the one that takes writes")
      }
      return true
    } catch StoreError.schema(let text) {
      add("schema", 1, text, mend: "dispatcher migrate")
    } catch {
      note(error, "the database")
    }
    return false
  }

  /// A part that could not be looked at.
  private mutating func note(_ error: any Error, _ part: String) {
    let server = error is RedisError ? "Redis" : "PostgreSQL"
    add(
      "not_examined", 1, "\(part) could not be looked at: \(ServerTrouble.named(server, error))",
      mend:
        "see that \(server) answers and that this login may read all (ops/RUNBOOK.md, \"Least rights\"), then ask again"
    )
  }

  /// Two installations on one Redis take each other's jobs for their own.
  private mutating func lookAtMark() async throws {
    guard let other = try await InstallationMark.stranger(sources.store, sources.redis, isMaking: false) else { return }
    add(
      "other_installation", 1, "this Redis is another installation's, whose PostgreSQL is \(other)",
      mend: InstallationMark.mend)
  }

  private mutating func lookAtRedis() async -> Bool {
    do {
      try await sources.redis.ping()
      return true
    } catch {
      if error.isUnsaved { return true }
      add("redis_away", 1, error.message, mend: "start Redis, or mend \(Setting.redisURL.variable); no order is lost")
      return false
    }
  }

  private mutating func lookAtFigures() async throws {
    let figures = try await sources.store.diagnosis(late: DoctorWaits.lateMin)
    (report.openOrders, report.heldOrders) = (figures.openOrders, figures.heldOrders)
    if figures.lateEvents > 0 {
      add(
        "late_events", figures.lateEvents,
        "\(figures.lateEvents) events wait to be published, the oldest for"
          + " \((figures.oldestEvent ?? .zero).milliseconds / 1000) s",
        mend: "a scheduler publishes them: scheduler run (does one answer? worker inspect ping)")
    }
    let missed = try await SecondLooks(sources.store).lag(usual: SecondLookRule.delaysUsual).filter(\.hasMissed)
    if !missed.isEmpty {
      add(
        "second_looks", missed.count,
        "second looks after \(missed.map(\.delay.inWords).joined(separator: " and ")) never come: what they are found by"
          + " is dropped before",
        mend: "set \(Setting.retention.variable) of the schedulers to more, or the providers' --second-look to less")
    }
  }

  private mutating func lookAtQueues(hasDatabase: Bool) async throws {
    var jobs = 0
    for queue in JobKinds.sevk.queues {
      let counts = try await sources.broker.counts(of: queue)
      jobs += counts.ready + counts.leased + counts.delayed + counts.dead
      if counts.isPaused {
        pausedQueues.insert(queue)
        add("paused", 1, "\(queue) is paused with \(counts.ready) ready", mend: "worker queue resume \(queue)")
      }
      if counts.dead > 0 { try await lookAtDeadJobs(queue, counts.dead, hasDatabase: hasDatabase) }
    }
    report.jobs = jobs
  }

  /// A job is buried for good reason when its order is held: then only the order is to be decided about.
  private mutating func lookAtDeadJobs(_ queue: QueueName, _ count: Int, hasDatabase: Bool) async throws {
    let newest = try await sources.broker.list(.dead, in: queue, offset: 0, limit: Self.pageMax)
    var held: [String] = []
    if hasDatabase {
      let orders = try await sources.store.held(among: newest.compactMap { OrderID($0.record.id) })
      held = newest.map(\.record.id).filter { id in OrderID(id).map(orders.contains) ?? false }
    }
    deadOfHeld += held
    if !held.isEmpty {
      add(
        "dead_jobs", held.count,
        held.count == 1
          ? "1 job of \(queue) is dead, and its order is held"
          : "\(held.count) jobs of \(queue) are dead, and their orders are held",
        mend: "worker order resolve ID; then worker job delete ID", held)
    }
    let others = newest.filter { !held.contains($0.record.id) }
    guard let last = others.first else { return }
    let left = count - held.count
    add(
      "dead_jobs", left,
      (left == 1 ? "1 job of \(queue) is dead: " : "\(left) jobs of \(queue) are dead; the last: ") + last.detail,
      mend: "worker job list --state dead --queue \(queue), mend the cause, then"
        + " worker job retry --all --state dead --queue \(queue)", others.map(\.record.id))
  }

  private mutating func lookAtProcesses() async throws {
    let answers = try await Inspector(redis: sources.redis).ask("active_queues")
    servedQueues = Set(
      JobKinds.sevk.usedQueues.filter { queue in
        let mark = "\"queue\":" + JSONText.quote(queue.rawValue)
        return answers.replies.contains { $0.contains(mark) }
      })
    let processes = try await running()
    let replaced = ReplacedProcesses.among(
      answers.silent, alive: processes.map { ($0.process, $0.answer.uptimeSeconds ?? .max) })
    let silent = answers.silent.filter { !replaced.contains($0.process) }
    if !silent.isEmpty {
      add(
        "silent_processes", silent.count, "\(silent.count) processes do not answer",
        mend: "restart those that should run; one that was killed is forgotten after a minute",
        silent.map { "\($0.process) (last seen \($0.seenSecondsAgo) s ago)" })
    }
    lookAtVersions(processes)
    for program in ["dispatcher", "worker", "scheduler"] {
      guard !answers.programs.contains(program) else {
        programs.insert(program)
        continue
      }
      add("no_process", 1, "no \(program) answers", mend: "\(program) run (systemctl start sevk-\(program))")
    }
  }

  /// What a process says of itself.
  private struct Running: Decodable {
    struct Answer: Decodable {
      let version: String?
      let uptimeSeconds: Int?
      enum CodingKeys: String, CodingKey { case version, uptimeSeconds = "uptime_seconds" }
    }
    let process: String
    let answer: Answer
  }

  private func running() async throws -> [Running] {
    try await Inspector(redis: sources.redis).ask("stats").replies.compactMap {
      try? JSONDecoder().decode(Running.self, from: Data($0.utf8))
    }
  }

  /// Processes of two versions are normal while one replaces the other, and not for long.
  private mutating func lookAtVersions(_ running: [Running]) {
    var processes: [String: [String]] = [:]
    for one in running { processes[one.answer.version ?? "an older version", default: []].append(one.process) }
    guard processes.count > 1 else { return }
    report.notices.append(
      Finding(
        what: "process_versions", count: processes.count,
        text: "processes of \(processes.count) versions run: \(processes.keys.sorted().joined(separator: ", "))",
        mend: "restart those that were left out of the last upgrade",
        examples: processes.sorted { $0.key < $1.key }.flatMap { version, names in
          names.sorted().prefix(Self.examplesMax).map { "\($0): \(version)" }
        }))
  }

  // MARK: Orders against jobs

  private mutating func compare(withJobs hasRedis: Bool) async throws {
    var missing = 0
    var missingSome: [String] = []
    var waits = DoctorWaits(sources, programs: programs, pausedQueues: pausedQueues, hasRedis: hasRedis)
    var last: OrderID?
    while true {
      let start = last
      let page = try await sources.store.openOrders(after: start, limit: Self.pageMax)
      guard let end = page.last else { break }
      last = end.id
      for order in page { try await waits.note(order) }
      if hasRedis {
        var without = try await withoutJob(page)
        if !without.isEmpty {
          try await EventLoop.sleep(for: Self.secondLook)
          let again = try await sources.store.openOrders(after: start, limit: Self.pageMax)
          let suspects = Set(without.map(\.id))
          without = try await withoutJob(again.filter { suspects.contains($0.id) })
        }
        missing += without.count
        missingSome += without.prefix(Self.examplesMax).map { "\($0.id) (\($0.status.rawValue))" }
      }
      if page.count < Self.pageMax { break }
    }
    if missing > 0 {
      add(
        "missing_jobs", missing,
        missing == 1 ? "1 open order has no job in Redis" : "\(missing) open orders have no job in Redis",
        mend: "worker doctor --mend",
        missingSome)
    }
    let (findings, notices) = try await waits.report()
    report.findings += findings
    report.notices += notices
    if hasRedis { try await lookForLeftovers() }
  }

  private func withoutJob(_ orders: [OpenOrder]) async throws -> [OpenOrder] {
    var without: [OpenOrder] = []
    for work in Status.Work.allCases {
      let part = orders.filter { $0.status.work == work }
      let states = try await sources.broker.states(of: part.map(\.id.description), in: work.queue)
      without += zip(part, states).filter { $1 == nil }.map { $0.0 }
    }
    return without
  }

  private mutating func lookForLeftovers() async throws {
    for queue in Status.Work.allCases.map(\.queue) {
      let ids =
        try await JobSelection(queues: [queue], states: [.ready, .delayed, .dead]).ids(sources.broker)[queue] ?? []
      let told = Set(deadOfHeld)
      // Second looks are of orders that ended.
      var left = try await withoutOrder(ids.filter { !told.contains($0) && !LookAgain.isLook($0) })
      if !left.isEmpty {
        try await EventLoop.sleep(for: Self.secondLook)
        let states = try await sources.broker.states(of: left, in: queue)
        left = try await withoutOrder(zip(left, states).filter { $1 != nil && $1 != .leased }.map { $0.0 })
      }
      if !left.isEmpty {
        add(
          "jobs_without_order", left.count,
          "\(left.count) jobs of \(queue) have no open order; they do nothing and go away when their time comes",
          mend: "worker job delete ID --queue \(queue), or leave them", left)
      }
    }
  }

  private func withoutOrder(_ jobs: [String]) async throws -> [String] {
    var left: [String] = []
    for start in stride(from: 0, to: jobs.count, by: Self.pageMax) {
      let part = jobs[start..<min(start + Self.pageMax, jobs.count)]
      let open = try await sources.store.open(among: part.compactMap { OrderID($0) })
      left += part.filter { id in OrderID(id).map { !open.contains($0) } ?? true }
    }
    return left
  }
}
