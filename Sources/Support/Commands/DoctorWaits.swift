import CommandLine
import ProviderGate

import EventLoop
import Jobs
import Kinds
import OrderWork
import Orders
import Queue
import Store

/// Tells open orders that wait for something known from those that nobody can explain.
@LoopActor
struct DoctorWaits {
  static let lateMin = Duration.seconds(60)

  /// What an order waits for.
  private enum Cause: Hashable {
    case provider(Int64, Hindrance.Kind)
    case queue(QueueName)
    case program(String)
    case unexplained
    /// Its job runs within a minute or two by itself.
    case soon
  }

  private struct Group {
    var count = 0
    var examples: [String] = []
    var wait: ProviderWaits.Wait?
    var shortage: ProviderWaits.Shortage?
  }

  private let directory: Directory
  private let waits: ProviderWaits
  private let programs: Set<String>
  private let pausedQueues: Set<QueueName>
  private let hasRedis: Bool
  private let broker: RedisBroker
  /// Late, and nothing that is known explains it.
  private var unexplained: [OpenOrder] = []
  private var groups: [Cause: Group] = [:]

  /// - Parameters:
  ///   - programs: those of which a process answers.
  ///   - hasRedis: false explains nothing, since Redis knows why.
  init(_ sources: SupportSources, programs: Set<String>, pausedQueues: Set<QueueName>, hasRedis: Bool) {
    directory = sources.directory
    broker = sources.broker
    self.programs = programs
    self.pausedQueues = pausedQueues
    self.hasRedis = hasRedis
    waits = ProviderWaits(directory: sources.directory, store: sources.store, redis: sources.redis)
  }

  mutating func note(_ order: OpenOrder) async throws {
    guard hasRedis else { return }
    let isLate = order.untilDue < .zero - Self.lateMin
    let isSend = order.status == .pending
    guard isSend || isLate else { return }
    var wait: ProviderWaits.Wait?
    if order.status != .sending {
      wait = try await waits.wait(
        isSend: isSend, tenant: order.tenantID, product: order.product, provider: order.providerID)
    }
    guard let cause = cause(order, wait, isLate: isLate) else { return }
    if case .unexplained = cause { return unexplained.append(order) }
    add(order, cause, wait)
  }

  private mutating func add(_ order: OpenOrder, _ cause: Cause, _ wait: ProviderWaits.Wait?) {
    var group = groups[cause] ?? Group()
    group.count += 1
    if group.examples.count < Doctor.examplesMax { group.examples.append("\(order.id) (\(order.status.rawValue))") }
    if case .provider = cause {
      group.wait = wait
      group.shortage = group.shortage ?? wait?.shortage
      group.shortage?.add(1, wait?.price)
    }
    groups[cause] = group
  }

  /// The most fundamental thing first, as for `order why`; nil when it is in time.
  private func cause(_ order: OpenOrder, _ wait: ProviderWaits.Wait?, isLate: Bool) -> Cause? {
    if isLate, let work = order.status.work {
      if let program = work.program, !programs.contains(program) { return .program(program) }
      if pausedQueues.contains(work.queue) { return .queue(work.queue) }
    }
    guard let wait else { return isLate ? .unexplained : nil }
    let lasts = [Hindrance.Kind.providerDown, .providerPaused, .balance, .price, .stock].contains(wait.kind)
    return lasts || isLate ? .provider(wait.provider.id, wait.kind) : nil
  }

  /// After an outage orders are late whose jobs are under way, or planned within a minute or two: these need nobody. One that is
  /// late for longer, or whose job waits for a process, does.
  private mutating func judgeUnexplained() async throws {
    for work in Status.Work.allCases {
      let orders = unexplained.filter { $0.status.work == work }
      let ids = orders.map(\.id.description)
      let states = try await broker.states(of: ids, in: work.queue)
      let strays = Set(
        try await broker.strays(among: ids, in: work.queue, latenessMax: Self.soonMax, burialMin: .zero))
      for (order, state) in zip(orders, states) {
        let goesOn = (state == .delayed || state == .leased) && !strays.contains(order.id.description)
        let isRecent = order.untilDue > .zero - Self.lateMax
        add(order, goesOn && isRecent ? .soon : .unexplained, nil)
      }
    }
    for order in unexplained where order.status.work == nil { add(order, .unexplained, nil) }
    unexplained = []
  }

  /// A job that is due within so long is about to run.
  private static let soonMax = Duration.seconds(120)
  /// Who is late for longer is told of, whatever is planned.
  private static let lateMax = Duration.seconds(15 * 60)

  /// What a person should mend, and what merely is so.
  mutating func report() async throws -> (findings: [Doctor.Finding], notices: [Doctor.Finding]) {
    try await judgeUnexplained()
    var findings = try await downFindings()
    var notices: [Doctor.Finding] = []
    for (cause, group) in groups.sorted(by: { ($1.value.count, "\($0.key)") < ($0.value.count, "\($1.key)") }) {
      let orders = Doctor.orders(group.count)
      let wait = group.count == 1 ? "waits" : "wait"
      func told(_ what: String, _ text: String, _ mend: String) -> Doctor.Finding {
        Doctor.Finding(what: what, count: group.count, text: text, mend: mend, examples: group.examples)
      }
      switch cause {
      case .unexplained:
        findings.append(
          told(
            "overdue_orders",
            "\(orders) \(group.count == 1 ? "is" : "are") overdue by more than a minute, and nothing that is known explains it",
            "see that every process answers and no queue is stuck: worker inspect ping, worker queue list;"
              + " one order's story: worker order why ID"))
      case .soon:
        notices.append(
          told(
            "late_orders",
            "\(orders) \(group.count == 1 ? "is" : "are") late, and \(group.count == 1 ? "its job is" : "their jobs are") under way"
              + " or due within two minutes", "nothing: they go by themselves"))
      case .program(let program):
        notices.append(told("waiting_for_process", "\(orders) \(wait) for a \(program)", "\(program) run"))
      case .queue(let queue):
        notices.append(
          told("waiting_for_queue", "\(orders) \(wait) for the paused queue \(queue)", "worker queue resume \(queue)"))
      case .provider(_, .providerDown): break
      case .provider(_, .questionsSlowed):
        guard let name = group.wait?.provider.name else { continue }
        findings.append(
          told(
            "provider_questions",
            "\(orders) \(wait) for \(name) to answer questions, which are asked slowly until it does",
            "they are asked again by themselves; whether the cause is on this side: dispatcher provider test \(name)"))
      case .provider(_, .balance):
        guard let name = group.wait?.provider.name, let shortage = group.shortage else { continue }
        findings.append(
          told(
            "provider_balance", "\(orders) \(wait) for money at \(name): it has \(shortage.words)",
            "pay in at \(name); its balance is looked at every 30 s, and the orders then go by themselves"))
      case .provider(_, .price):
        guard let wait = group.wait, let cost = wait.price.cost else { continue }
        findings.append(
          told(
            "provider_price",
            "\(orders) \(group.count == 1 ? "waits" : "wait") since every provider asks more than the routes' --cost-max: the"
              + " cheapest is \(wait.provider.name) with \(Money(tenThousandths: cost))",
            "if so much may be paid: dispatcher route set --tenant … --product … --position … --cost-max AMOUNT; a catalogue is"
              + " read again with: dispatcher provider test \(wait.provider.name)"))
      case .provider(_, .stock):
        guard let name = group.wait?.provider.name else { continue }
        findings.append(
          told(
            "stock_empty", "\(orders) \(wait) for codes: the stock \(name) has none left",
            "worker stock list; worker stock add PRODUCT --file FILE, and they go by themselves"))
      case .provider(_, .providerPaused):
        guard let provider = group.wait?.provider else { continue }
        let since = provider.pausedAt.map { " since \(LocalTime.minute($0, now: LocalTime.now))" } ?? ""
        notices.append(
          told(
            "waiting_for_provider",
            "\(orders) \(wait) for \(provider.name), which a person paused\(since)"
              + (provider.pauseNote.map { ": \($0)" } ?? ""), "worker provider resume \(provider.name)"))
      case .provider:
        guard let name = group.wait?.provider.name else { continue }
        notices.append(
          told(
            "waiting_for_provider", "\(orders) \(wait) for a turn at \(name), which takes no more at once",
            "they go by themselves; worker provider show \(name) says how many it takes"))
      }
    }
    return (findings, notices)
  }

  /// Each provider that is down, whether orders wait for it or not.
  private func downFindings() async throws -> [Doctor.Finding] {
    var findings: [Doctor.Finding] = []
    guard hasRedis else { return findings }
    for provider in try await directory.providers() where provider.pausedAt == nil {
      let state = try await waits.state(of: provider.id)
      guard Breaker.Mode(rawValue: state.mode) == .open else { continue }
      let group = groups[.provider(provider.id, .providerDown)] ?? Group()
      let now = LocalTime.now
      let since = state.sinceChange.map { " since \(LocalTime.minute(now - $0.milliseconds, now: now))" } ?? ""
      let why = state.why ?? "it did not answer"
      let name = provider.name
      let text =
        group.count == 0
        ? "\(name) is down\(since): \(why)"
        : "\(Doctor.orders(group.count)) \(group.count == 1 ? "waits" : "wait") for \(name), which is down\(since): \(why)"
      if let trouble = state.trouble.flatMap({ Breaker.Trouble(rawValue: $0) }) {
        findings.append(refusing(name, trouble, "\(since): \(why)", group))
        continue
      }
      findings.append(
        Doctor.Finding(
          what: "provider_down", count: max(1, group.count), text: text,
          mend: "it is probed by itself and opens when it answers; whether the cause is on this side: worker provider"
            + " show \(name), dispatcher provider test \(name)", examples: group.examples))
    }
    return findings
  }

  /// A provider that answers, and refuses the account.
  private func refusing(_ name: String, _ trouble: Breaker.Trouble, _ why: String, _ group: Group) -> Doctor.Finding {
    let waiting =
      group.count == 0 ? "" : "\(Doctor.orders(group.count)) \(group.count == 1 ? "waits" : "wait") for it: "
    let mend =
      switch trouble {
      case .access:
        "ask \(name) for the login, the IP list and the permission; dispatcher provider set \(name) --credential …"
          + " --yes, dispatcher provider test \(name); it opens by itself"
      case .balance: "pay in at \(name); it is probed by itself and opens when it tells its balance"
      }
    return Doctor.Finding(
      what: "provider_account", count: max(1, group.count), text: "\(waiting)\(name) is closed for sends\(why)",
      mend: mend,
      examples: group.examples)
  }
}
