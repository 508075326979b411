import EventLoop
public import Orders
public import Store

extension Tracer {
  /// Records a call to a provider that the current attempt has made just now.
  ///
  /// The provider is not told of the trace: it is a stranger, and old panels choke on headers they don't know.
  public func noteCall(_ provider: Provider, _ exchange: Exchange, _ outcome: String) {
    guard let job = CurrentJob.span, job.span != nil else { return }
    let (_, begun) = begin(
      "\(exchange.kind.rawValue) \(provider.name)", .client, in: job.context.traceID, after: job.context)
    guard var span = begun else { return }
    span.endedAt = span.begunAt
    span.begunAt -= min(span.begunAt, exchange.duration.nanoseconds)
    span.set("http.request.method", exchange.method)
    if let address = ServerAddress(url: provider.baseURL) {
      span.set("server.address", address.host)
      span.set("server.port", address.port)
    }
    if let status = exchange.status { span.set("http.response.status_code", status) }
    span.set("sevk.provider", provider.name)
    span.set("sevk.call", exchange.kind.rawValue)
    span.set("sevk.call.outcome", outcome)
    // What no answer came of, or none that means anything; a refusal is an answer.
    span.isError = exchange.status != 200 || ["unknown", "unintelligible", "query_failed"].contains(outcome)
    end(span)
  }
}

extension Duration {
  fileprivate var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    return UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds)) / 1_000_000_000
  }
}
