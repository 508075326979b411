// How a runner has noted what became of its jobs.
extension Runner {
  /// Has noted how attempts ended, in batches: what ends while one is under way makes up the next. Whoever finds nobody at
  /// it does it for all.
  func note(_ run: Run, _ outcome: Outcome) async {
    var random = SystemRandomNumberGenerator()
    var policy = RetryPolicy.persistent
    if case .retry = outcome, let own = handlers.byKind[run.record.kind]?.policy { policy = own }
    let settlement = Settlement(run.record, outcome: outcome, policy: policy, using: &random)
    endings.append(Ending(lease: run.lease, held: HeldSettlement(settlement, token: run.token)))
    guard !isNoting else { return }
    isNoting = true
    // Those that end at the same moment go with the first.
    await Task.yield()
    while !endings.isEmpty {
      let batch = endings
      endings = []
      await note(batch)
      changed.fire()
    }
    isNoting = false
  }

  /// Tries again while the leases are ours, then leaves the jobs to whoever gets them next.
  private func note(_ batch: [Ending]) async {
    var left = batch
    while !left.isEmpty {
      do {
        let results = try await broker.settle(left.map(\.held), in: queue)
        for (ending, result) in zip(left, results) {
          if result == .lost { report(.leaseLost(ending.held.settlement.job)) }
          forget(ending)
        }
        return
      } catch {
        // Not a cancellable sleep: even a stopping process must try to give its jobs back.
        await Task.detached { try? await Task.sleep(for: .milliseconds(100)) }.value
        // Asked once for each: a lease may run out at any moment.
        let held = left.map { $0.lease.isHeld() }
        for (ending, isHeld) in zip(left, held) where !isHeld {
          report(.leaseLost(ending.held.settlement.job))
          forget(ending)
        }
        left = zip(left, held).filter(\.1).map(\.0)
      }
    }
  }

  private func forget(_ ending: Ending) {
    // The job may have come back meanwhile and run again.
    guard let index = running.index(forKey: ending.held.settlement.job.id),
      running.values[index].lease === ending.lease
    else { return }
    running.remove(at: index)
  }

  func buryMalformed(_ id: String, _ reason: String, _ token: String) async {
    let record = JobRecord(id: id, kind: "unreadable")
    report(.finished(record, .dead(reason: reason), took: .zero))
    await settle([Settlement(record, .bury(reason: reason))], token)
  }

  /// Settles without a second try: a lease that is not settled runs out, and the job is reaped.
  func settle(_ settlements: [Settlement], _ token: String) async {
    guard !settlements.isEmpty else { return }
    _ = try? await broker.settle(settlements, in: queue, token: token)
  }
}
