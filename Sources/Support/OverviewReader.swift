import CommandLine
public import EventLoop
import FoundationEssentials
import Jobs
import Kinds
import Orders
import Process
import ProviderGate
import Queue
public import Redis
public import Store

/// Reads an ``Overview``. A server that is away leaves its part out and stops nothing.
@LoopActor
public struct OverviewReader {
  private let redis: RedisClient
  private let broker: RedisBroker
  private let store: Store
  private let directory: Directory

  public init(redis: RedisClient, store: Store, directory: Directory) {
    self.redis = redis
    broker = RedisBroker(client: redis)
    self.store = store
    self.directory = directory
  }

  /// Takes up to a second when a process is listed that does not answer.
  ///
  /// - Parameter processes: false leaves them out, for who reads often.
  public func read(processes: Bool = true) async -> Overview {
    var overview = Overview(time: LocalTime.now)
    do { overview.orders = try await store.waitingOrders() } catch {
      overview.problems.append(ServerTrouble.named("PostgreSQL", error))
    }
    do { overview.queues = try await queues() } catch { overview.problems.append(ServerTrouble.named("Redis", error)) }
    let hasRedis = overview.queues != nil
    if overview.orders != nil {
      do { overview.providers = try await providers(hasRedis: hasRedis) } catch {
        overview.problems.append(ServerTrouble.named("PostgreSQL", error))
      }
    }
    if processes, hasRedis {
      do { overview.processes = try await self.processes() } catch {
        overview.problems.append(ServerTrouble.named("Redis", error))
      }
    }
    return overview
  }

  private func queues() async throws -> [Overview.QueueLine] {
    var lines: [Overview.QueueLine] = []
    for queue in JobKinds.sevk.queues {
      let counts = try await broker.counts(of: queue)
      let next = try await broker.list(.delayed, in: queue, offset: 0, limit: 1).first?.remaining
      let history = try await broker.history(of: queue, minutes: Overview.minutes)
      lines.append(
        Overview.QueueLine(
          queue: queue, counts: counts, overdue: next.flatMap { $0 < .zero ? .zero - $0 : nil }, now: history.now,
          minutes: history.minutes))
    }
    return lines
  }

  private func providers(hasRedis: Bool) async throws -> [Overview.ProviderLine] {
    let limiter = ProviderLimiter(client: redis)
    let waits = ProviderWaits(directory: directory, store: store, redis: redis)
    let shortages = hasRedis ? try? await waits.shortages(store) : nil
    var lines: [Overview.ProviderLine] = []
    for provider in try await directory.providers() {
      let state = hasRedis ? try? await limiter.state(of: provider.id) : nil
      let sends = state == nil ? nil : try? await limiter.lastSends(of: provider.id)
      var line = Overview.ProviderLine(provider, state, sends)
      line.shortage = shortages?[provider.id]
      lines.append(line)
    }
    return lines
  }

  private func processes() async throws -> [Overview.ProcessLine] {
    let answers = try await Inspector(redis: redis).ask("stats")
    return
      (answers.replies.compactMap(Overview.ProcessLine.init(reply:))
      + answers.silent.map { process, seconds in
        var line = Overview.ProcessLine(name: process)
        line.silentSeconds = seconds
        return line
      }).sorted { $0.name < $1.name }
  }
}

extension Overview.ProviderLine {
  init(_ provider: Provider, _ state: ProviderState?, _ sends: (count: Int, answered: Int)?) {
    let health: Health =
      if provider.pausedAt != nil {
        .paused
      } else if let state {
        switch Breaker.Mode(rawValue: state.mode) {
        case .open: .down
        case .ramp: .recovering
        case .closed, nil: .working
        }
      } else {
        .unknown
      }
    self.init(name: provider.name, health: health, concurrencyMax: provider.concurrencyMax)
    why = health == .paused ? provider.pauseNote : health == .working ? nil : state?.why
    inFlight = state?.slotsInUse
    balance = state?.balance.map { Money(tenThousandths: $0) } ?? provider.balance
    balanceAge = state?.balanceAge
    lastSends = sends?.count
    lastAnswered = sends?.answered
    usualAnswer = state?.usualTook
    lastError = state?.lastError
    lastErrorAge = state?.lastErrorAge
  }
}

extension Overview.ProcessLine {
  private struct Reply: Decodable {
    struct Answer: Decodable {
      let uptime_seconds: Int
      let queues: [String]
      let active: Int
      let jobs_processed: Int
      let rss_bytes: Int
    }
    let process: String
    let answer: Answer
  }

  /// From the answer to `inspect stats`; nil when it is none.
  init?(reply json: String) {
    guard let reply = try? JSONDecoder().decode(Reply.self, from: Data(json.utf8)) else { return nil }
    self.init(name: reply.process)
    uptimeSeconds = reply.answer.uptime_seconds
    queues = reply.answer.queues
    active = reply.answer.active
    jobsProcessed = reply.answer.jobs_processed
    residentBytes = reply.answer.rss_bytes
  }
}
