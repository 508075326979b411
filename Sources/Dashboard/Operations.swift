import CommandLine
import EventLoop
import Jobs
import Orders
import ProviderGate
import Store
import Support
import Telemetry

/// What a person does to a provider, a queue or its dead jobs, asked back first.
@LoopActor
struct Operations {
  /// An act that somebody wants.
  struct Wanted {
    let what: Act.What
    /// A provider's or a queue's name.
    let target: String
    /// Of one job; nil: all that are dead.
    let job: String?

    /// - Returns: nil for what is no such act.
    init?(_ fields: [String: String]) {
      guard let what = fields["what"].flatMap({ Act.What(rawValue: $0) }), what.isOperation,
        let target = fields["target"]
      else { return nil }
      self.what = what
      self.target = target
      job = fields["job"].flatMap { $0.isEmpty ? nil : $0 }
    }

    var kind: String { isProvider ? "provider" : "queue" }
    var isProvider: Bool { what == .pauseProvider || what == .resumeProvider }
    var path: String { "/\(kind)s/\(target)" }
  }

  private static let deadShownMax = 50
  private static let actsShownMax = 200

  let sources: SupportSources
  let charts: Charts

  // MARK: Pages

  func acts() async throws -> PageModel {
    let acts = try await sources.store.acts(limit: Self.actsShownMax)
    let rows = acts.enumerated().map { number, act in
      PageModel.Row(
        key: "\(number)",
        cells: [.init(act.time, .time), .init(act.who), .init("\(act.words) \(act.target)"), .init(act.note)])
    }
    return page(
      "Acts",
      "What people did to providers, queues, jobs and many orders at once. What they did to one order stands in its"
        + " story.", tone: .muted,
      tables: [
        .init(
          id: "acts", caption: "Acts", note: acts.count == Self.actsShownMax ? "The newest \(acts.count)." : "",
          columns: ["Time", "Who", "What", "Why"], rows: rows, empty: "Nothing yet.")
      ])
  }

  /// Nil when there is none of that name.
  func provider(_ name: String, _ person: DashboardToken, done: String?) async throws -> PageModel? {
    guard let provider = try await sources.directory.providers().first(where: { $0.name == name }) else { return nil }
    let limiter = ProviderLimiter(client: sources.redis)
    let state = try? await limiter.state(of: provider.id)
    let (lead, facts) = try await LocalTime.$isMarking.withValue(true) {
      let hindrance = ProviderText.hindrance(provider, state)?.text
      return (hindrance, state.map { ProviderText.facts(provider, $0) } ?? [("provider", name)])
    }
    let isPaused = provider.pausedAt != nil
    var acts = [(isPaused ? Act.What.resumeProvider : .pauseProvider, "")]
    if !isPaused, lead != nil { acts.append((.resumeProvider, "it is probed at once")) }
    var page = page(
      "Provider \(name)", lead ?? (state == nil ? "Redis does not say how it does." : "Sends go to it."),
      tone: lead == nil ? .good : .warning,
      tables: [
        Self.table(acts.map { ($0.0, name, nil, $0.1) }, person),
        .init(
          id: "facts", caption: "Provider", columns: ["What", "Value"],
          rows: facts.map { .init(key: $0.0, cells: [.init($0.0), .init($0.1)]) }, empty: ""),
      ])
    page.notice = Self.notice(done)
    page.charts = try await charts.ofProvider(provider)
    return page
  }

  /// Nil when there is none of that name.
  func queue(_ name: String, _ person: DashboardToken, done: String?) async throws -> PageModel? {
    guard let counts = try await DeadJobs.counts(name, sources.broker) else { return nil }
    let dead = try await DeadJobs.list(name, limit: Self.deadShownMax, sources.broker)
    var acts: [(Act.What, String, String?, String)] = [
      (
        counts.isPaused ? .resumeQueue : .pauseQueue, name, nil,
        counts.isPaused ? "" : "new jobs wait; those that run go on"
      )
    ]
    if counts.dead > 0 {
      acts.append((.retryJobs, name, nil, "all \(counts.dead)"))
      acts.append((.deleteJobs, name, nil, "all \(counts.dead); those of open orders come back"))
    }
    let mayOperate = person.roles.contains(.operate)
    let rows = dead.map { job in
      PageModel.Row(
        key: job.id,
        cells: [
          .init(job.id, link: OrderID(job.id) == nil ? nil : "/orders/\(job.id)"), .init(job.kind),
          .number(job.attempts), .init(job.why),
        ]
          + (mayOperate
            ? [
              .init("Retry", link: Self.path(.retryJobs, name, job.id)),
              .init("Delete", link: Self.path(.deleteJobs, name, job.id)),
            ] : []))
    }
    var page = page(
      "Queue \(name)",
      counts.isPaused
        ? "It is paused: its jobs are not given out."
        : "\(counts.ready) ready, \(counts.leased) running, \(counts.delayed) for later, \(counts.dead) dead.",
      tone: counts.isPaused || counts.dead > 0 ? .warning : .good,
      tables: [
        Self.table(acts, person),
        .init(
          id: "found", caption: "Dead jobs",
          note: counts.dead > dead.count ? "The first \(dead.count) of \(counts.dead)." : "",
          columns: ["Job", "Kind", "Failed", "Why"] + (mayOperate ? ["", ""] : []), rows: rows, empty: "None."),
      ])
    page.notice = Self.notice(done)
    page.charts = try await charts.ofQueue(name)
    return page
  }

  /// The page that asks back; nil when there is no such provider or queue.
  func page(_ wanted: Wanted, _ person: DashboardToken) async throws -> PageModel? {
    guard try await exists(wanted) else { return nil }
    let target = wanted.job.map { "job \($0) of \(wanted.target)" } ?? "\(wanted.kind) \(wanted.target)"
    var page = page("\(wanted.what.verb): \(target)?", wanted.what.consequence, tone: .warning, tables: [])
    page.forms = [
      .init(
        id: "operate", action: "/operate",
        fields: [
          .init(name: "what", label: "", kind: .hidden, value: wanted.what.rawValue),
          .init(name: "target", label: "", kind: .hidden, value: wanted.target),
          .init(name: "job", label: "", kind: .hidden, value: wanted.job ?? ""),
          .init(
            name: "note", label: "Why", kind: .area,
            isRequired: wanted.what == .pauseProvider || wanted.what == .pauseQueue,
            lengthMax: ProviderUpdates.noteBytesMax),
        ], button: wanted.what.verb, tone: wanted.what == .deleteJobs ? .bad : nil, back: wanted.path)
    ]
    return page
  }

  // MARK: Doing it

  /// - Returns: where it is seen; nil when there is no such provider or queue.
  func act(_ wanted: Wanted, _ form: [String: String], _ person: DashboardToken) async throws -> String? {
    let note = (form["note"] ?? "").replacing("\r\n", with: " ").filter { $0 != "\0" }
    let given = note.contains { !$0.isWhitespace } ? note : nil
    let (who, target) = (person.who, wanted.target)
    guard try await exists(wanted) else { return nil }
    var count = ""
    switch wanted.what {
    case .pauseProvider, .resumeProvider:
      let isPaused = wanted.what == .pauseProvider
      guard try await ProviderSwitch.turn(target, isPaused: isPaused, who: who, note: given, sources) != nil else {
        return nil
      }
    case .pauseQueue, .resumeQueue:
      // Written down first: an act that nobody wrote down is worse than a line about one that failed.
      try await sources.store.note(wanted.what, target, who: who, note: given ?? "")
      guard try await DeadJobs.pause(target, isPaused: wanted.what == .pauseQueue, sources.broker) else { return nil }
    case .retryJobs, .deleteJobs:
      try await sources.store.note(
        wanted.what, wanted.job.map { "\(target), job \($0)" } ?? target, who: who, note: given ?? "")
      let done = try await DeadJobs.mend(
        target, id: wanted.job, isDeleted: wanted.what == .deleteJobs, sources.broker)
      count = "-\(done)"
    case .startRun, .abortRun, .continueRun: return nil
    }
    return "\(wanted.path)?done=\(wanted.what.rawValue)\(count)"
  }

  // MARK: Parts

  private func exists(_ wanted: Wanted) async throws -> Bool {
    guard wanted.isProvider else { return DeadJobs.queues.contains(wanted.target) }
    return try await sources.directory.providers().contains { $0.name == wanted.target }
  }

  private func page(_ heading: String, _ lead: String, tone: PageModel.Tone, tables: [PageModel.Table]) -> PageModel {
    PageModel(
      title: "\(heading) · Sevk", heading: heading, lead: lead, tone: tone,
      asOf: Timestamp.rfc3339(Int64(Clock.unixMilliseconds())), isLive: false, tables: tables)
  }

  /// What can be done, here or with a command.
  private static func table(_ acts: [(Act.What, String, String?, String)], _ person: DashboardToken) -> PageModel.Table
  {
    let mayOperate = person.roles.contains(.operate)
    return PageModel.Table(
      id: "choices", caption: "What a person can do",
      columns: ["What"] + (mayOperate ? ["Here"] : []) + ["Command"],
      rows: acts.map { what, target, job, rest in
        let words = what.verb + (rest.isEmpty ? "" : " (\(rest))")
        return PageModel.Row(
          key: what.rawValue,
          cells: [.init(words)] + (mayOperate ? [.init(what.verb, link: path(what, target, job))] : [])
            + [.init(what.command(target), .command)])
      }, empty: "")
  }

  private static func path(_ what: Act.What, _ target: String, _ job: String?) -> String {
    "/operate?what=\(what.rawValue)&target=\(percentEncoded(target))" + (job.map { "&job=\(percentEncoded($0))" } ?? "")
  }

  /// - Parameter done: as ``act(_:_:_:)`` puts it into the address.
  private static func notice(_ done: String?) -> String? {
    guard let parts = done?.split(separator: "-"), let name = parts.first, let what = Act.What(rawValue: String(name))
    else { return nil }
    switch what {
    case .pauseProvider: return "Done: sends to it are stopped; those under way end."
    case .resumeProvider: return "Done: sends to it go on, unless something else keeps them."
    case .pauseQueue: return "Done: its jobs are no longer given out."
    case .resumeQueue: return "Done: its jobs are given out again."
    case .retryJobs, .deleteJobs:
      guard parts.count == 2, let count = Int(parts[1]) else { return nil }
      return "Done: \(count) \(count == 1 ? "job" : "jobs") \(what == .retryJobs ? "made ready again" : "removed")."
    case .startRun, .abortRun, .continueRun: return nil
    }
  }
}

extension Act.What {
  /// Whether it is one of a provider, a queue or its jobs.
  var isOperation: Bool {
    switch self {
    case .pauseProvider, .resumeProvider, .pauseQueue, .resumeQueue, .retryJobs, .deleteJobs: true
    case .startRun, .abortRun, .continueRun: false
    }
  }

  var verb: String {
    switch self {
    case .pauseProvider, .pauseQueue: "Pause"
    case .resumeProvider, .resumeQueue: "Resume"
    case .retryJobs: "Retry dead jobs"
    case .deleteJobs: "Delete dead jobs"
    case .startRun: "Begin"
    case .abortRun: "Abort"
    case .continueRun: "Go on"
    }
  }

  var consequence: String {
    switch self {
    case .pauseProvider:
      "No order is sent to it until somebody resumes it: they wait as pending. What it has already is still asked about."
    case .resumeProvider: "Orders are sent to it again, and the costs learnt from its answers are forgotten."
    case .pauseQueue:
      "Its jobs are no longer given out; those that run go on. A Redis that is emptied forgets the pause."
    case .resumeQueue: "Its jobs are given out again."
    case .retryJobs: "They are tried again now, as if for the first time."
    case .deleteJobs: "They are removed. Jobs of open orders come back: a scheduler rebuilds them within a minute."
    case .startRun, .abortRun, .continueRun: ""
    }
  }

  func command(_ target: String) -> String {
    switch self {
    case .pauseProvider: "worker provider pause \(target)"
    case .resumeProvider: "worker provider resume \(target)"
    case .pauseQueue: "worker queue pause \(target)"
    case .resumeQueue: "worker queue resume \(target)"
    case .retryJobs: "worker job retry --all --state dead --queue \(target)"
    case .deleteJobs: "worker job delete --all --state dead --queue \(target)"
    case .startRun, .abortRun, .continueRun: ""
    }
  }
}
