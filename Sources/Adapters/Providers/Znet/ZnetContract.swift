public import Orders

/// What the panel's texts mean stands in `znet.tsv`, with the evidence for each row. A text that no row explains means
/// nothing: the order stays unknown.
extension Znet: ContractedAdapter {
  public static let contract = AnswerContract(file: PackageResources.znet_tsv)

  public func row(of reply: WireReply, kind: Exchange.Kind, by contract: AnswerContract) -> AnswerRow? {
    contract.row(kind, AnswerLine(reply))
  }

  /// Whether a text speaks of the dealer's money, whatever it says of it.
  static func mentionsBalance(_ text: String) -> Bool {
    let text = text.lowercased()
    return ["bakiye", "balance"].contains { text.contains($0) }
  }
}
