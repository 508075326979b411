public import Calls
public import EventLoop
public import Orders
public import Redis
public import Store
public import Telemetry

/// Lets orders through to providers as far as their limits, their health and their balance allow, for all processes
/// together (see `ProviderLimiter`). To be asked before an intent is committed, never after.
@LoopActor
public final class ProviderGate {
  /// From asking for the intent to the first byte of a send.
  public nonisolated static let sendStartMax = Duration.seconds(5)
  /// An order waits in memory at most this long for a slot; then its job goes back to the queue.
  static let memoryWaitMax = Duration.milliseconds(200)
  /// Added to what a send can take before its slot is taken for lost.
  static let slotMargin = Duration.seconds(3)
  private static let leavePause = Duration.milliseconds(250)
  /// From asking for a slot to having it; less than ``slotMargin``, which it eats up.
  static let freshMax = Duration.seconds(2)
  /// While a product costs more than the balance, the balance is asked for this often.
  static let balanceProbePause = Duration.seconds(30)
  /// While a product costs more than the balance, one order of it is tried this often: what it costs may have fallen.
  static let shortTryPause = Duration.seconds(60)
  /// Orders of a paused provider look again this often.
  static let pausedWait = Duration.seconds(10)
  /// What is known of a provider is read again after this, where the newest is not needed.
  static let viewAgeMax = Duration.seconds(1)
  private static let jitterMax = Duration.milliseconds(100)

  private let process: String
  let store: Store
  private let directory: Directory
  let instruments: Instruments
  let client: ProviderClient
  let limiter: ProviderLimiter
  let books: ProviderLedger
  /// Of the jobs that send, or that ask.
  public let bulkhead: Bulkhead
  private var waiting: [Int64: [LoopEvent]] = [:]
  private var inUse: [Int64: Int] = [:]
  private var tokens: UInt64 = 0
  /// The question of this process for each provider's balance.
  var asking: [Int64: SingleFlight<Void, Never>] = [:]
  /// When this process last probed a provider because of a doubt.
  var doubted: [Int64: ContinuousClock.Instant] = [:]
  let catalog: CatalogCosts
  var outlooks: [OutlookKey: (outlook: RouteOutlook, readAt: ContinuousClock.Instant)] = [:]
  let shelf: StockShelf
  private var views: [Int64: (state: ProviderState, readAt: ContinuousClock.Instant)] = [:]

  /// What an order at the gate is told.
  public enum Answer {
    /// Send now, then say what came of it with ``SendPermit/leave(_:)``.
    case go(SendPermit)
    /// Come back after the pause.
    case wait(Duration, ProviderPlace.Why)
  }

  /// - Parameters:
  ///   - process: whose name the slots bear that are taken here.
  ///   - slots: jobs that the process runs at once.
  ///   - redis: where what all processes know of the providers stands.
  public init(
    process: String, slots: Int, redis: RedisClient, store: Store, directory: Directory, client: ProviderClient,
    _ instruments: Instruments
  ) {
    self.process = process
    self.store = store
    self.directory = directory
    self.instruments = instruments
    self.client = client
    bulkhead = Bulkhead(slots: slots)
    limiter = ProviderLimiter(client: redis, flowMemory: Breaker.flowMemory)
    books = ProviderLedger(store: store, limiter: limiter, instruments)
    catalog = CatalogCosts(store: store)
    shelf = StockShelf(store, directory)
    metrics.describe("sevk_provider_slots_in_use", "gauge", "Sends under way in this process")
    metrics.describe("sevk_provider_waits_total", "counter", "Orders sent back to the queue, by what they wait for")
    metrics.describe(
      "sevk_provider_account_troubles_total", "counter",
      "Sends answered with trouble of the account: login, address, permission (access) or money (balance)")
    metrics.describe("sevk_provider_probes_total", "counter", "Probes of closed providers, by what they showed")
  }

  var log: Log { instruments.log }
  var metrics: Metrics { instruments.metrics }

  // MARK: Sends

  /// Asks for one send.
  ///
  /// - Throws: `RedisError` when the shared state can't be reached: nothing may be sent then.
  public func enter(_ provider: Provider, _ order: Order) async throws -> Answer {
    let deadline = ContinuousClock.now + Self.memoryWaitMax
    tokens += 1
    var want = SlotRequest(
      token: "\(process)/\(tokens)", product: Self.name(of: order.product, tenant: order.tenantID),
      catalogCost: await catalog.cost(tenant: order.tenantID, product: order.product, provider: provider.id),
      isUrgent: order.priority == .high, isLastTry: false, limits: limits(provider))
    want.isOutOfStock =
      await shelf.lack(at: provider, tenant: order.tenantID, product: order.product, count: order.quantity) != nil
    while true {
      want.isLastTry = ContinuousClock.now >= deadline
      want.isShutOut = !bulkhead.enter(provider.id)
      // Redis knows nothing of the slots of this process: it is asked for a place on the line, once, when no slot came in time.
      if want.isShutOut, !want.isLastTry {
        await waitForSlot(provider.id, until: deadline)
        continue
      }
      let asked = Stopwatch()
      let place: ProviderPlace
      do { place = try await limiter.enter(provider.id, want) } catch {
        if !want.isShutOut { bulkhead.leave(provider.id) }
        throw error
      }
      if case .wait = place.answer, !want.isShutOut { bulkhead.leave(provider.id) }
      if let probe = place.probe { startProbe(probe, provider) }
      switch place.answer {
      case .go(let pause):
        let senders = directory.sendersKnown(to: provider.id)
        let pass = SendPermit(
          self, provider, want, place, flow: senders.flow(tenant: order.tenantID, product: order.product))
        count(provider, 1)
        if pause > .zero {
          do { try await EventLoop.sleep(for: pause) } catch {
            pass.leave()
            throw error
          }
        }
        // A process that was stopped meanwhile would use its slot when it is another's already.
        guard asked.elapsed < Self.freshMax else {
          pass.leave()
          return .wait(Self.memoryWaitMax, .slots)
        }
        return .go(pass)
      case .wait(.slots, nil):
        await waitForSlot(provider.id, until: deadline)
      case .wait(let why, let pause):
        let cause = why == .balance && want.isOutOfStock ? "stock" : why.rawValue
        metrics.add("sevk_provider_waits_total", ["provider": provider.name, "why": cause])
        return .wait((pause ?? Self.memoryWaitMax) + Self.jitterMax * Double.random(in: 0...1), why)
      }
    }
  }

  /// Until a send of this process ends or the time is over.
  private func waitForSlot(_ provider: Int64, until deadline: ContinuousClock.Instant) async {
    let event = LoopEvent()
    waiting[provider, default: []].append(event)
    _ = await event.wait(for: max(deadline - ContinuousClock.now, .milliseconds(1)))
    waiting[provider]?.removeAll { $0 === event }
  }

  func limits(_ provider: Provider) -> ProviderLimits {
    ProviderLimits(
      concurrencyMax: provider.concurrencyMax, ratePerSecond: provider.ratePerSecond,
      slotLife: ProviderLimiter.reservedWaitMax + Self.sendStartMax + provider.timeout + Self.slotMargin,
      probeLife: provider.timeout + Self.slotMargin, balanceProbePause: Self.balanceProbePause,
      isPaused: provider.pausedAt != nil, pausedWait: Self.pausedWait, shortTryPause: Self.shortTryPause)
  }

  /// A send ended: its slot goes back, and what it showed is judged.
  ///
  /// - Parameters:
  ///   - trouble: of the account, with which the send was answered.
  ///   - exchange: what was on the wire; nil when nothing was sent.
  func left(_ provider: Provider, _ leave: ProviderLeave, _ trouble: Breaker.Trouble?, _ exchange: Exchange?) {
    count(provider, -1)
    bulkhead.leave(provider.id, answered: exchange.map { $0.status != nil })
    // A slot that can't be given back in its life has expired.
    let end = ContinuousClock.now + limits(provider).slotLife
    Task(executorPreference: EventLoop.shared) {
      while true {
        do {
          let outcomes = try await self.limiter.leave(provider.id, leave)
          if let trouble { await self.judge(provider, outcomes, leave, trouble) }
          await self.judge(
            provider, outcomes, leave, mayBeAboutBalance: exchange?.mayBeAboutBalance ?? false)
          break
        } catch {
          // A refusal (READONLY, OOM, BUSY) is over in a moment, and has changed nothing. An answer that was lost may
          // have been the one that noted the send, which must not be noted twice.
          guard let error = error as? RedisError, case .replyError = error.code, ContinuousClock.now < end else {
            break
          }
          try? await EventLoop.sleep(for: Self.leavePause)
        }
      }
      await self.wakeOne(provider.id)
    }
  }

  private func wakeOne(_ provider: Int64) {
    guard let first = waiting[provider]?.first else { return }
    waiting[provider]?.removeFirst()
    first.signal()
  }

  private func count(_ provider: Provider, _ change: Int) {
    inUse[provider.id, default: 0] += change
    metrics.set(
      "sevk_provider_slots_in_use", ["provider": provider.name], to: Double(inUse[provider.id] ?? 0))
  }

  // MARK: Checks

  /// How long questions about orders of a provider should wait because it is down; nil when they may be asked.
  ///
  /// Asking is harmless, so it is not held up when the shared state can't be read.
  public func waitBeforeAsking(_ provider: Provider) async -> Duration? {
    guard let state = await view(provider), state.mode == Breaker.Mode.open.rawValue else { return nil }
    if state.untilProbe == .zero, let probe = try? await limiter.probeIfDue(provider.id, limits(provider)) {
      startProbe(probe, provider)
    }
    metrics.add("sevk_provider_waits_total", ["provider": provider.name, "why": "check"])
    // Spread over another pause, so that all who wait do not come in one moment.
    return state.untilProbe + .seconds(1) + max(state.pause, Breaker.pauseFirst) * Double.random(in: 0...1)
  }

  func forgetView(_ provider: Int64) { views[provider] = nil }

  func view(_ provider: Provider) async -> ProviderState? {
    if let view = views[provider.id], ContinuousClock.now - view.readAt < Self.viewAgeMax { return view.state }
    guard let state = try? await limiter.state(of: provider.id) else { return nil }
    views[provider.id] = (state, ContinuousClock.now)
    return state
  }
}
