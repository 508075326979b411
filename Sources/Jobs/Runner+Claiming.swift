import Synchronization

// How a runner comes by its jobs.
extension Runner {
  func claimOrWait() async -> Claim {
    let free =
      isCareful
      ? 1 - running.count
      : min(
        options.concurrency - slotsInUse, options.concurrency * Self.runningMaxPerSlot - running.count, Self.claimMax,
        (options.concurrency + 1) / 2)
    guard free > 0 else {
      await changed.wait(orUntil: stopping)
      return Claim(jobs: [])
    }
    do {
      if isEmptied {
        isEmptied = false
        try await waitForReady()
        return Claim(jobs: [])
      }
      // From before the claim is asked for, so that our idea of the lease ends before the broker's.
      let asked = ContinuousClock.now
      claimsMade += 1
      let token = "\(name)/\(claimsMade)"
      var claim = try await broker.claim(
        free, from: queue, token: token, lease: options.lease, runsNothingElse: running.isEmpty)
      claim.token = token
      recovered()
      if stopping.isSet {
        await settle(claim.jobs.map { Settlement($0, .release) }, token)
        return Claim(jobs: [])
      }
      // Once a job that may have ended its workers is about, nothing is begun until it could be run alone.
      isCareful =
        claim.suspectsLeft > 0
        || claim.jobs.contains { claim.crashes[$0.id, default: 0] >= DeadWorkers.suspicious }
      isEmptied = !isCareful && claim.jobs.count + claim.malformed.count < free
      // A job of ours whose lease ran out may come back to us while its first run still goes on: that run is fenced
      // off, and the job waits until it is over.
      let again = claim.jobs.filter { isUnderWay($0.id) }
      if !again.isEmpty {
        claim.jobs.removeAll { isUnderWay($0.id) }
        for record in again { running[record.id]?.lease.lose() }
        await settle(again.map { Settlement($0, .postpone(.seconds(1))) }, token)
      }
      claim.asked = asked
      return claim
    } catch {
      await brokerFailed(error)
      return Claim(jobs: [])
    }
  }

  /// Notes what a claim brought as running.
  func begin(_ claim: Claim) -> [Run] {
    guard let asked = claim.asked else { return [] }
    slotsInUse += claim.jobs.count
    return claim.jobs.map { record in
      let run = Run(record, token: claim.token, lease: Lease(endsAt: asked + options.lease), since: asked)
      // Nothing more is noted of an earlier run: it would be taken for the end of this one.
      running.updateValue(run, forKey: record.id)?.lease.lose()
      return run
    }
  }

  /// A run that ended under a lease that is still held was noted, or the broker would not have given the job out again;
  /// only the broker's answer to that is still on its way.
  private func isUnderWay(_ id: String) -> Bool {
    running[id].map { !$0.isEnding.load(ordering: .relaxed) || !$0.lease.isHeld() } ?? false
  }

  private func waitForReady() async throws {
    let (broker, queue, stopping) = (broker, queue, stopping)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await broker.waitForReady(in: queue, limit: Self.idleWaitMax) }
      group.addTask { await stopping.wait() }
      try await group.next()
      group.cancelAll()
    }
  }

  private func brokerFailed(_ error: any Error) async {
    let pause = min((brokerPause ?? .milliseconds(25)) * 2, Self.brokerPauseMax)
    if brokerPause == nil { report(.brokerFailed("\(error)", retryIn: pause)) }
    brokerPause = pause
    let stopping = stopping
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await Task.sleep(for: pause) }
      group.addTask { await stopping.wait() }
      await group.next()
      group.cancelAll()
    }
  }

  private func recovered() {
    guard brokerPause != nil else { return }
    brokerPause = nil
    report(.brokerRecovered)
  }
}
