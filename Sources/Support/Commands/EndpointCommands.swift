import CommandLine
import EventLoop
import Jobs
import Kinds
import OrderWork
import Process
import Queue
import Store
import Webhooks

/// `worker endpoint list|show|resend|replay|pause|resume`: what shops' receivers are told, and a person's switch.
enum EndpointCommands {
  private static let settings: [Setting] = OrderCommands.reading
  private static let deliveriesShown = 20

  static let list = Command(
    "endpoint list", usage: "[--tenant NAME] [--json]",
    "Lists the endpoints that events are posted to, how they do, and how much is in line.",
    grammar: .init(values: ["--tenant"], switches: ["--json"]), settings: settings, example: "worker endpoint list"
  ) { arguments, settings in
    try await with(settings, redis: false) { sources in
      let tenant = arguments.value("--tenant")
      let all = try await EndpointStore(store: sources.store).list(tenant: nil)
        .filter { tenant == nil || $0.tenant == tenant }
      if arguments.has("--json") { return print(JSONText.array(all.map { EndpointJSON.text($0) })) }
      print(
        all.isEmpty
          ? "there is no endpoint yet; a shop makes one with PUT /v1/endpoints/NAME, ops with: dispatcher endpoint put"
          : EndpointText.table(all).text(width: TextOutput.standard.columns))
    }
  }

  static let show = Command(
    "endpoint show", usage: "NAME [--tenant NAME] [--state STATE] [--after POSITION] [--json]",
    "Shows an endpoint and what it was told: the first \(deliveriesShown) deliveries in line or kept, or those asked for.",
    grammar: .init(
      values: ["--tenant", "--state", "--after"], switches: ["--json"], wordsMax: 1,
      choices: ["--state": DeliveryRow.State.allCases.map(\.rawValue)]), settings: settings,
    example: "worker endpoint show books --state waiting"
  ) { arguments, settings in
    let after = try arguments.position("--after")
    try await with(settings, redis: false) { sources in
      let endpoints = EndpointStore(store: sources.store)
      let endpoint = try await find(arguments, sources)
      let state = try arguments.value("--state").map { text in
        guard let state = DeliveryRow.State(rawValue: text) else {
          throw UsageError(
            "--state must be one of \(DeliveryRow.State.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return state
      }
      let rows = try await endpoints.deliveries(
        of: endpoint, state: state, after: after ?? .min, limit: deliveriesShown)
      var failures: [Int64: [DeliveryAttempt]] = [:]
      if let first = rows.first?.id.position, let last = rows.last?.id.position {
        failures = Dictionary(
          grouping: try await endpoints.attempts(endpoint.id, in: first...last), by: \.position)
      }
      if arguments.has("--json") {
        return print(
          JSONText.object([
            "endpoint": EndpointJSON.text(endpoint),
            "deliveries": JSONText.array(rows.map { EndpointJSON.text($0, failures[$0.id.position] ?? []) }),
          ]))
      }
      print(EndpointText.show(endpoint, rows, failures))
    }
  }

  static let resend = Command(
    "endpoint resend", usage: "DELIVERY [--json]",
    "Posts one delivery again, whatever became of it; endpoint show tells its id.",
    grammar: .init(switches: ["--json"], wordsMax: 1), settings: settings, example: "worker endpoint resend 7.1042"
  ) { arguments, settings in
    guard let id = arguments.words.first.flatMap({ DeliveryID($0) }) else {
      throw UsageError("DELIVERY is missing, such as 7.1042; see: worker endpoint show NAME")
    }
    try await with(settings) { sources in
      guard let sent = try await EndpointStore(store: sources.store).resend(id, tenant: nil) else {
        throw ExitError("there is no delivery \(id); see: worker endpoint show NAME", code: 1)
      }
      await hurry(id.endpoint, [sent.order], sources)
      if arguments.has("--json") {
        return print(
          JSONText.object([
            "id": JSONText.quote("\(id)"), "endpoint_state": JSONText.quote(sent.state.rawValue),
          ]))
      }
      print("\(id) is in line" + (sent.state == .active ? "" : "; its endpoint is \(sent.state.rawValue), so it waits"))
    }
  }

  static let replay = Command(
    "endpoint replay", usage: "NAME [--tenant NAME] [--after POSITION] [--until POSITION] [--all] [--dry-run] [--json]",
    "Posts again what an endpoint has not got, or with --all everything, in order; --dry-run only counts.",
    grammar: .init(
      values: ["--tenant", "--after", "--until"], switches: ["--all", "--dry-run", "--json"], wordsMax: 1),
    settings: settings, example: "worker endpoint replay books --after 1000 --dry-run"
  ) { arguments, settings in
    let wanted = EndpointStore.Replay(
      after: try arguments.position("--after") ?? .min, until: try arguments.position("--until") ?? .max,
      all: arguments.has("--all"))
    try await with(settings) { sources in
      let endpoints = EndpointStore(store: sources.store)
      let endpoint = try await find(arguments, sources)
      let isDry = arguments.has("--dry-run")
      var (count, last) = (0, Int64?.none)
      if isDry {
        (count, last) = try await endpoints.count(wanted, of: endpoint)
      } else {
        guard endpoint.state != .gone else {
          throw ExitError(
            "\(endpoint.name) is \(endpoint.state.rawValue); first: worker endpoint resume \(endpoint.name)", code: 1)
        }
        let replayed = try await endpoints.replay(wanted, of: endpoint)
        (count, last) = (replayed.count, replayed.last)
        await hurry(endpoint.id, replayed.orders, sources)
      }
      let next = count == EndpointStore.replayMax ? last : nil
      if arguments.has("--json") {
        return print(
          JSONText.object([
            "count": "\(count)", "dry_run": "\(isDry)", "next": next.map { "\($0)" } ?? "null",
          ]))
      }
      print(
        "\(count) deliveries \(isDry ? "would be" : "are") in line" + (next.map { "; for more: --after \($0)" } ?? ""))
    }
  }

  static let pause = switching(
    "pause", to: .paused, "Stops posting to an endpoint; what comes meanwhile waits in line.")
  static let resume = switching(
    "resume", to: .active,
    "Posts to an endpoint again, whatever it was paused or given up for. What was kept is replayed.")

  private static func switching(_ verb: String, to state: EndpointRow.State, _ about: String) -> Command {
    Command(
      "endpoint \(verb)", usage: "NAME [--tenant NAME] [--json]", about,
      grammar: .init(values: ["--tenant"], switches: ["--json"], wordsMax: 1), settings: settings,
      example: "worker endpoint \(verb) books"
    ) { arguments, settings in
      try await with(settings, redis: false) { sources in
        let endpoint = try await find(arguments, sources)
        try await EndpointStore(store: sources.store).set(endpoint, to: state)
        if arguments.has("--json") {
          return print(
            JSONText.object([
              "tenant": JSONText.quote(endpoint.tenant), "name": JSONText.quote(endpoint.name),
              "state": JSONText.quote(state.rawValue),
            ]))
        }
        print(
          state == .paused
            ? "nothing is posted to \(endpoint.name); to go on: worker endpoint resume \(endpoint.name)"
            : "\(endpoint.name) is posted to; what waits follows within a minute. What was kept: "
              + "worker endpoint replay \(endpoint.name)")
      }
    }
  }

  @LoopActor
  private static func find(_ arguments: Arguments, _ sources: SupportSources) async throws -> EndpointRow {
    guard let name = arguments.words.first else { throw UsageError("NAME is missing; see: worker endpoint list") }
    let tenant = arguments.value("--tenant")
    let found = try await EndpointStore(store: sources.store).list(tenant: nil, name: name)
      .filter { tenant == nil || $0.tenant == tenant }
    guard found.count <= 1 else {
      throw UsageError(
        "several tenants have an endpoint \(name): say --tenant \(found.map(\.tenant).joined(separator: " or "))")
    }
    guard let one = found.first else {
      throw ExitError("there is no endpoint \(name); see: worker endpoint list", code: 1)
    }
    return one
  }

  /// Has jobs run now, also such as wait for a later time.
  @LoopActor
  private static func hurry(_ endpoint: Int64, _ orders: Set<String>, _ sources: SupportSources) async {
    let jobs = orders.map { DeliverEvent.planned(endpoint: endpoint, order: $0) }
    // What Redis does not take, a scheduler plans within a minute.
    guard let results = try? await sources.broker.enqueue(jobs) else { return }
    for (job, result) in zip(jobs, results) where result != .added {
      _ = try? await sources.broker.revive(job.id, in: job.queue)
    }
  }

  @LoopActor
  static func with(
    _ settings: Settings, redis: Bool = true, _ body: @LoopActor (SupportSources) async throws -> Void
  ) async throws {
    let frame = try ProcessFrame(program: "worker", settings: settings, key: .never)
    try await frame.connect(redis: redis)
    do { try await body(frame.sources) } catch {
      await frame.close()
      throw error
    }
    await frame.close()
  }
}

extension Arguments {
  fileprivate func position(_ flag: String) throws(UsageError) -> Int64? {
    guard let text = value(flag) else { return nil }
    guard let position = Int64(text) else { throw UsageError("\(flag) must be a position, a whole number") }
    return position
  }
}
