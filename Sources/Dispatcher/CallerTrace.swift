import HTTPServer
import Orders

/// What a request says of the trace that it is part of.
enum CallerTrace: Sendable {
  case none
  /// Ignored, as W3C Trace Context has it: a trace is no reason to refuse an order. A new one begins.
  case malformed
  case given(TraceContext)

  init(_ request: HTTPRequest) {
    guard let parent = request.header("traceparent") else {
      self = .none
      return
    }
    self = TraceContext(parent: parent, states: request.headers("tracestate")).map { .given($0) } ?? .malformed
  }

  var context: TraceContext? {
    if case .given(let context) = self { return context }
    return nil
  }

  /// What an order keeps of it. Nothing without a caller's wish to trace: its id says enough.
  func kept(with order: OrderID) -> String? {
    switch self {
    case .none: nil
    case .malformed: TraceContext(order).description
    case .given(let context): context.description
    }
  }
}
