extension Order {
  /// Its place in its trace: the caller's, or one made from its id.
  public var traceContext: TraceContext { trace.flatMap { TraceContext(stored: $0) } ?? TraceContext(id) }

  /// The id of its trace, for logs.
  public var traceID: String { traceContext.traceID.description }

  /// What its jobs carry: the `traceparent`, or nothing when its id says it all.
  public var jobTrace: String { Self.jobTrace(trace) }

  /// What jobs carry of a trace as it is stored.
  public static func jobTrace(_ stored: String?) -> String {
    guard let stored else { return "" }
    return stored.utf8.count <= TraceContext.parentBytes ? stored : String(stored.prefix(TraceContext.parentBytes))
  }
}
