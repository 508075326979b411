import CommandLine
public import EventLoop
import Orders

/// Records the steps of orders for a collector: the intake, each attempt at a job, each call to a provider.
///
/// A process has one only where `OTEL_EXPORTER_OTLP_ENDPOINT` is set. What it can't export it drops.
@LoopActor
public final class Tracer {
  private let sampler: TraceSampler
  private let exporter: SpanExporter
  private var random = SystemRandomNumberGenerator()

  public init(
    _ settings: TracingSettings, program: String, process: String, processID: Int32, log: Log, metrics: Metrics
  ) {
    sampler = settings.sampler
    var resource: [(String, Span.Value)] = [
      ("service.name", .text("sevk-\(program)")), ("service.version", .text(Program.version)),
      ("service.instance.id", .text(process)), ("process.pid", .number(Int64(processID))),
      ("telemetry.sdk.name", .text("sevk")), ("telemetry.sdk.language", .text("swift")),
      ("telemetry.sdk.version", .text(Program.version)),
    ]
    for (name, value) in settings.resource {
      resource.removeAll { $0.0 == name }
      resource.append((name, .text(value)))
    }
    exporter = SpanExporter(
      settings, frame: OTLPJSON.frame(resource: resource, version: Program.version), log: log, metrics: metrics)
  }

  /// Exports what is left, until `deadline` at the latest.
  public func stop(by deadline: ContinuousClock.Instant) async { await exporter.stop(by: deadline) }

  /// The step after `parent`, or the first of `trace`; and its span, where it is recorded.
  func begin(
    _ name: String, _ kind: Span.Kind, in trace: TraceID, after parent: TraceContext?,
    at begunAt: UInt64 = Clock.unixNanoseconds()
  ) -> (context: TraceContext, span: Span?) {
    let isSampled = sampler.samples(trace, parent: parent?.isSampled)
    // Who does not record must not name a step of its own as the parent of what follows.
    if !isSampled, let parent { return (parent.after(span: parent.spanID, isSampled: false), nil) }
    let id = UInt64.random(in: 1...UInt64.max, using: &random)
    let context = parent?.after(span: id, isSampled: isSampled) ?? TraceContext(trace, span: id, isSampled: isSampled)
    guard isSampled else { return (context, nil) }
    return (context, Span(name: name, kind: kind, context: context, parent: parent?.spanID, begunAt: begunAt))
  }

  func end(_ span: Span) {
    var span = span
    if span.endedAt == 0 { span.endedAt = Clock.unixNanoseconds() }
    exporter.add(OTLPJSON.text(span))
  }
}
