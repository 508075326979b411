public import Orders

/// Of a provider whose answers are explained by a table beside its adapter; see ``AnswerContract``.
public protocol ContractedAdapter: Adapter {
  static var contract: AnswerContract { get }
  /// The row that explains a reply; nil when none does.
  func row(of reply: WireReply, kind: Exchange.Kind, by contract: AnswerContract) -> AnswerRow?
}

extension ContractedAdapter {
  /// Nil when no row explains the reply, and then it settles nothing.
  public func row(of reply: WireReply, kind: Exchange.Kind) -> AnswerRow? {
    row(of: reply, kind: kind, by: Self.contract)
  }
}
