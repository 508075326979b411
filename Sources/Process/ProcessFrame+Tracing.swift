public import Jobs
import Telemetry

extension ProcessFrame {
  /// `perform` with each attempt in a span of its order's trace; `perform` itself when nothing is traced.
  public func traced<J: Job>(
    _ perform: @escaping @Sendable (J, JobContext) async throws -> Outcome
  ) -> @Sendable (J, JobContext) async throws -> Outcome {
    tracer?.traced(perform) ?? perform
  }
}
