public import Jobs

/// With what a type tells of its work: lines for the log, numbers, and spans where they are exported.
public struct Instruments: Sendable {
  public let log: Log
  public let metrics: Metrics
  /// nil unless spans are exported.
  public let tracer: Tracer?

  public init(log: Log, metrics: Metrics, tracer: Tracer? = nil) {
    self.log = log
    self.metrics = metrics
    self.tracer = tracer
  }

  /// `perform` with each attempt in a span of its order's trace; `perform` itself when nothing is traced.
  public func traced<J: Job>(
    _ perform: @escaping @Sendable (J, JobContext) async throws -> Outcome
  ) -> @Sendable (J, JobContext) async throws -> Outcome {
    tracer?.traced(perform) ?? perform
  }
}
