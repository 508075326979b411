/// What a handler is given beside its job.
public struct JobContext: Sendable {
  public let record: JobRecord
  /// To be asked right before an effect that can't be taken back.
  public let lease: Lease
}

/// Which handler runs which kind of job.
public struct Handlers: Sendable {
  typealias Perform = @Sendable (JobContext) async throws -> Outcome
  private(set) var byKind: [String: (perform: Perform, policy: RetryPolicy)] = [:]

  public init() {}

  /// Registers the handler of a job type.
  ///
  /// - Precondition: its kind is not registered yet; two handlers of one kind are a mistake that must not start.
  public mutating func on<J: Job>(
    _ type: J.Type, policy: RetryPolicy, _ perform: @escaping @Sendable (J, JobContext) async throws -> Outcome
  ) {
    precondition(byKind[J.kind] == nil, "two handlers are registered for jobs of kind \(J.kind)")
    byKind[J.kind] = (
      { context in
        try await perform(try J(id: context.record.id, payload: context.record.payload), context)
      }, policy
    )
  }

  /// The kinds that can be run.
  public var kinds: [String] { byKind.keys.sorted() }
}
