import CommandLine
public import Orders

/// On what an order spent its time, in words.
public struct SpentText: Sendable {
  let spent: OrderSpent
  /// The names of providers by id.
  let providers: [Int64: String]

  /// Of what takes less than this part of the whole nothing is said.
  private static let partMin: Int64 = 200

  public init(_ spent: OrderSpent, providers: [Int64: String]) { (self.spent, self.providers) = (spent, providers) }

  /// `It took 11 min 4 s: 10 min 40 s until panel-a was open again (out of money), 2 s the call, 22 s until it was completed.`
  public var text: String {
    let total = Duration.milliseconds(spent.milliseconds).inExactWords
    let parts = spent.parts.filter { $0.milliseconds * Self.partMin >= spent.milliseconds }.map(text)
    let took = spent.end == nil ? "It has taken \(total) so far" : "It took \(total)"
    return parts.isEmpty ? "\(took)." : "\(took): \(parts.joined(separator: ", "))."
  }

  /// `10 min 40 s until panel-a was open again (out of money)`.
  public func text(_ part: TimePart) -> String {
    "\(Duration.milliseconds(part.milliseconds).inExactWords) \(words(part))"
  }

  /// The part that took longest; nil when there is none.
  public var longest: String? { spent.longest.map(text) }

  private func name(_ part: TimePart) -> String? { part.providerID.flatMap { providers[$0] } }

  private func words(_ part: TimePart) -> String {
    let provider = name(part) ?? "the provider"
    switch part.kind {
    case .turn: return "until it was its turn"
    case .slots: return "for a free place at \(provider)"
    case .rate: return "for the rate of \(provider)"
    case .paused: return "until \(provider) was open again (paused by a person)"
    case .down: return "until \(provider) was open again (it did not answer)"
    case .account: return "until \(provider) was open again (it refused the account)"
    case .balance: return "until \(provider) was open again (out of money)"
    case .stock: return "until \(provider) had a code of it"
    case .price: return "until its price was allowed"
    case .again: return "until the next try"
    case .call: return "the call"
    case .provider:
      guard let end = spent.end, part.providerID == spent.providerID else { return "at \(provider)" }
      return end == .completed ? "until it was completed" : "until it \(end == .failed ? "failed" : "was cancelled")"
    case .question: return "for answers to questions"
    case .unasked: return "until a worker asked \(provider), which was due"
    case .lost: return "to find out whether \(provider) had it"
    case .person: return "until a person decided"
    }
  }

  var json: String {
    JSONText.object([
      "took_ms": "\(spent.milliseconds)", "longest": spent.longest.map { JSONText.quote($0.kind.rawValue) },
      "parts": JSONText.array(spent.parts.map(json)),
    ])
  }

  private func json(_ part: TimePart) -> String {
    JSONText.object([
      "part": JSONText.quote(part.kind.rawValue), "provider": name(part).map(JSONText.quote),
      "ms": "\(part.milliseconds)", "text": JSONText.quote(words(part)),
    ])
  }
}
