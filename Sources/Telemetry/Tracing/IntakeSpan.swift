import EventLoop
public import Orders

/// The intake of one order, from the request's arrival to its answer.
public struct IntakeSpan: Sendable {
  /// What is stored with the order: the place that its later steps follow.
  public let context: TraceContext
  fileprivate let span: Span?
}

extension Tracer {
  /// - Parameter caller: the request's own trace; without it the order begins one, under its own id.
  public func beginIntake(of order: OrderID, after caller: TraceContext?, route: String) -> IntakeSpan {
    let (context, span) = begin("POST \(route)", .server, in: caller?.traceID ?? TraceID(order), after: caller)
    guard var span else { return IntakeSpan(context: context, span: nil) }
    span.set("http.request.method", "POST")
    span.set("http.route", route)
    return IntakeSpan(context: context, span: span)
  }

  /// - Parameters:
  ///   - order: the order that was recorded; nil when none was.
  ///   - status: the HTTP status it was answered with.
  public func end(_ intake: IntakeSpan, order: OrderID?, status: Int) {
    guard var span = intake.span else { return }
    span.set("http.response.status_code", status)
    if let order { span.set("sevk.order.id", order.description) }
    span.isError = status >= 500
    end(span)
  }
}
