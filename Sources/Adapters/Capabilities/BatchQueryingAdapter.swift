/// Of a provider that can be asked about many orders in one question: at most ``ProviderFacts/queryBatch``.
///
/// What was asked together is read as if it had been asked one by one, so that nothing else has to know of it.
public protocol BatchQueryingAdapter: QueryingAdapter {
  func query(references: [String], account: ProviderAccount) -> WireRequest
  /// For each reference what the reply would have been, had it alone been asked about. Rows are found by the reference that
  /// they repeat, never by their place.
  ///
  /// - Returns: nil for a reference that the reply does not surely speak of, so that it is asked about alone: one without a
  ///   row may have been cut off with the list. The whole reply where it is about the question and no order.
  func parts(of reply: WireReply, about references: [String]) -> [WireReply?]
}
