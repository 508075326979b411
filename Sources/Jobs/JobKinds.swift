/// The queues and the kinds of jobs that a program knows, registered once at its start.
///
/// Whoever goes through queues, a promoter as much as a list for people, goes through these: nothing else has to be told
/// of a new one.
public struct JobKinds: Sendable {
  /// Every queue, in the order in which people read them; with those that no kind waits in yet.
  public let queues: [QueueName]
  /// The queues that jobs wait in.
  public let usedQueues: [QueueName]
  private let programs: [QueueName: String]

  /// - Parameters:
  ///   - queues: each with the program whose processes run its jobs.
  ///   - kinds: every type of job.
  /// - Precondition: no queue and no kind comes twice, and the queue of each kind is among `queues`: a program that would
  ///   lose jobs must not start.
  public init(queues: KeyValuePairs<QueueName, String>, _ kinds: [any Job.Type]) {
    self.queues = queues.map(\.key)
    programs = Dictionary(queues.map { ($0.key, $0.value) }) { _, _ in preconditionFailure("a queue is there twice") }
    for kind in kinds {
      precondition(kinds.count { $0.kind == kind.kind } == 1, "two types of job are of kind \(kind.kind)")
      precondition(programs[kind.queue] != nil, "the queue \(kind.queue) of \(kind.kind) is not registered")
    }
    let used = Set(kinds.map { $0.queue })
    usedQueues = self.queues.filter(used.contains)
  }

  /// The program that runs the jobs of a queue; nil for a queue that is not registered.
  public func program(of queue: QueueName) -> String? { programs[queue] }

  /// The queues whose jobs a program runs.
  public func queues(runBy program: String) -> [QueueName] { queues.filter { programs[$0] == program } }
}
