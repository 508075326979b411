import Jobs
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct JobKindsTests {
  private static let spare = QueueName(known: "spare")
  private static let kinds = JobKinds(
    queues: [.dispatch: "one", .check: "other", spare: "other"], [NumberJob.self, WordJob.self])

  @Test func aQueueIsListedFromItsRegistrationAndUsedFromItsFirstKind() {
    #expect(Self.kinds.queues == [.dispatch, .check, Self.spare])
    #expect(Self.kinds.usedQueues == [.dispatch, .check])
    #expect(Self.kinds.queues(runBy: "other") == [.check, Self.spare])
    #expect(Self.kinds.program(of: .dispatch) == "one")
    #expect(Self.kinds.program(of: QueueName(known: "none")) == nil)
  }

  @Test func aKindHasOneTypeAndARegisteredQueue() async {
    await #expect(processExitsWith: .failure) {
      _ = JobKinds(queues: [.dispatch: "one", .check: "one"], [WordJob.self, WordJob.self])
    }
    await #expect(processExitsWith: .failure) { _ = JobKinds(queues: [.check: "one"], [WordJob.self]) }
    await #expect(processExitsWith: .failure) { _ = JobKinds(queues: [.check: "one", .check: "other"], []) }
    await #expect(processExitsWith: .failure) { _ = QueueName(known: "No queue") }
  }

  @Test func aPlannedJobGoesToTheQueueOfItsType() async throws {
    let broker = InMemoryBroker()
    let planned = [PlannedJob(WordJob("a")), PlannedJob(NumberJob(7), delay: .seconds(60)), PlannedJob(WordJob("a"))]
    #expect(try await broker.enqueue(planned) == [.added, .added, .duplicate(.ready)])
    #expect(await broker.find("a", in: .dispatch)?.state == .ready)
    #expect(await broker.find("job-7", in: .check)?.state == .delayed)
    #expect(try await broker.enqueue([PlannedJob]()) == [])
  }
}
