public import Jobs
import Orders

extension JobRecord {
  /// The id of its order's trace, as far as the job knows it; for logs.
  public var traceID: String? {
    (TraceContext(stored: trace)?.traceID ?? OrderID(id).map { TraceID($0) })?.description
  }
}
