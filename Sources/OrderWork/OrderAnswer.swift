import Orders

/// What an order was answered, beside the decision that follows from it: where the answer came from, and what is noted with
/// the order whatever is decided.
struct OrderAnswer {
  /// The work that brought it. A status that waits for the same work goes on in the same job.
  let work: Status.Work
  let exchange: Exchange?
  /// What became of the current send; nil where a question leaves that open.
  let sendState: SendState?
  var receipt: Receipt?
  /// What is witnessed and not proved yet.
  var witness: Witness?
  /// Until the order is asked about, where it stays at the provider.
  let nextQuestion: Duration
  /// The least time that its sends took, by themselves: what it waited for without being sent does not count, nor a clock
  /// that stepped. Beyond the deadline it is not sent again.
  let sendsTook: Duration
  let deadline: Duration
}
