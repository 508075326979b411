import EventLoop
public import Jobs
public import Orders

/// An attempt at an order's job.
@LoopActor
final class JobSpan {
  fileprivate let record: JobRecord
  fileprivate let queue: QueueName
  fileprivate let begunAt = Clock.unixNanoseconds()
  /// The place that calls to providers follow.
  fileprivate(set) var context: TraceContext
  /// nil when it is not recorded.
  fileprivate(set) var span: Span?
  /// When it came so far, in microseconds since it began.
  fileprivate var steps: [(JobStep, Int)] = []

  fileprivate init(_ record: JobRecord, queue: QueueName, context: TraceContext) {
    self.record = record
    self.queue = queue
    self.context = context
  }
}

/// How far an attempt at an order's job has come: what it waited for stands in its span.
public enum JobStep: String, Sendable {
  /// The order is read.
  case read
  /// The provider's gate let it through.
  case allowed
  /// The intent to send is committed.
  case intended
}

/// What the current task is about, where it is traced.
enum CurrentJob {
  @TaskLocal static var span: JobSpan?
}

extension Tracer {
  /// `perform` with each attempt in a span of its order's trace.
  public nonisolated func traced<J: Job>(
    _ perform: @escaping @Sendable (J, JobContext) async throws -> Outcome
  ) -> @Sendable (J, JobContext) async throws -> Outcome {
    return { job, context in
      let span = await self.begin(context.record, in: J.queue)
      do {
        let outcome = try await CurrentJob.$span.withValue(span) { try await perform(job, context) }
        await self.end(span, outcome.name)
        return outcome
      } catch {
        await self.end(span, "threw")
        throw error
      }
    }
  }

  func begin(_ record: JobRecord, in queue: QueueName) -> JobSpan? {
    let parent = TraceContext(stored: record.trace)
    guard let trace = parent?.traceID ?? OrderID(record.id).map({ TraceID($0) }) else { return nil }
    let job = JobSpan(record, queue: queue, context: TraceContext(trace, span: 1, isSampled: false))
    place(job, in: trace, after: parent)
    return job
  }

  /// Gives the current attempt its place in its order's trace. Its job may not know that: one that was rebuilt from
  /// PostgreSQL carries no trace.
  public func join(_ order: Order) {
    guard let job = CurrentJob.span, job.record.trace != order.trace ?? "" else { return }
    let parent = order.trace.flatMap { TraceContext(stored: $0) }
    place(job, in: order.traceContext.traceID, after: parent)
  }

  /// Notes when the current attempt came so far.
  public func note(_ step: JobStep) {
    guard let job = CurrentJob.span, job.span != nil else { return }
    let now = Clock.unixNanoseconds()
    job.steps.append((step, Int((now - min(job.begunAt, now)) / 1000)))
  }

  private func place(_ job: JobSpan, in trace: TraceID, after parent: TraceContext?) {
    (job.context, job.span) = begin("process \(job.queue)", .consumer, in: trace, after: parent, at: job.begunAt)
  }

  func end(_ job: JobSpan?, _ outcome: String) {
    guard let job, var span = job.span else { return }
    span.set("messaging.system", "sevk")
    span.set("messaging.operation.type", "process")
    span.set("messaging.destination.name", job.queue.rawValue)
    span.set("sevk.order.id", job.record.id)
    span.set("sevk.job.failed_attempts", job.record.attempts)
    span.set("sevk.job.outcome", outcome)
    for (step, microseconds) in job.steps { span.set("sevk.job.\(step.rawValue)_us", microseconds) }
    span.isError = ["retry", "dead", "threw"].contains(outcome)
    end(span)
  }
}
