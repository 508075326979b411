import EventLoop
import Jobs
import Kinds
import OrderWork
import Telemetry
import TestSupport
import Testing

/// What is planned gets into its queue.
@Suite(.timeLimit(.minutes(1))) struct JobPlannerTests {
  /// A check gives its order back to be sent, and before it ends the send is done and wants the next check.
  @Test func aJobWhoseIdIsBeingRunIsAddedOnceThatHasEnded() async throws {
    let broker = InMemoryBroker()
    let planner = await JobPlanner(broker: broker, log: Log(program: "test", format: .text, level: .error))
    let check = PlannedJob(CheckOrder(order: "a"))
    await planner.plan(check)
    let claim = try await broker.claim(1, from: check.queue, token: "one", lease: .seconds(60))
    #expect(claim.jobs.map(\.id) == ["a"])
    await planner.plan(check)
    #expect(await broker.find("a", in: check.queue)?.state == .leased)
    let end = Settlement(claim.jobs[0], .complete)
    #expect(try await broker.settle([end], in: check.queue, token: "one") == [.settled])
    while await broker.find("a", in: check.queue) == nil { await Task.yield() }
    #expect(await broker.find("a", in: check.queue)?.state == .ready)
  }
}
