import Adapters
import Orders

/// The requests of one send or question, in their order, and what came of each: of most providers just one.
struct Steps {
  /// At least one.
  private(set) var wires: [WireAttempt]

  init(_ first: WireAttempt) { wires = [first] }

  mutating func add(_ wire: WireAttempt) { wires.append(wire) }

  var count: Int { wires.count }
  var last: WireAttempt { wires[wires.count - 1] }

  /// The replies, or why one is missing. Which request of several got none is said; once a first one was answered, nothing is
  /// proved not sent.
  var result: Result<[WireReply], WireFailure> {
    var replies: [WireReply] = []
    for (index, wire) in wires.enumerated() {
      switch wire.result {
      case .success(let reply): replies.append(reply)
      case .failure(let failure):
        guard index > 0 else { return .failure(failure) }
        return .failure(
          WireFailure(
            words: "request \(index + 1): \(failure.words)", detail: "request \(index + 1): \(failure.detail)",
            wasSent: true, isProtocolFault: failure.isProtocolFault))
      }
    }
    return .success(replies)
  }

  /// What is kept: one exchange, with each request and each answer in it.
  func exchange(_ adapter: any Adapter, pin: Pin?) -> Exchange {
    let parts = wires.map { $0.exchange(adapter, pin: pin) }
    guard parts.count > 1, var whole = parts.last else { return parts[0] }
    whole.request = parts.map(\.request).joined(separator: ", then ")
    whole.duration = parts.reduce(.zero) { $0 + $1.duration }
    whole.isProtocolFault = parts.contains(where: \.isProtocolFault)
    // Each has its share of what is kept, so that the last one, which decides, is not cut away.
    let share = Exchange.replyBytesMax / parts.count
    whole.reply = Array(
      parts.enumerated().map { index, part in
        let head = part.status.map { "\(index + 1): HTTP \($0) " } ?? "\(index + 1): no answer"
        return Array((Array(head.utf8) + part.reply).prefix(share - 1))
      }.joined(separator: [UInt8(ascii: "\n")]))
    return whole
  }

  /// A text that may become an order's reason.
  func shown(_ text: String) -> String { wires.reduce(text) { $1.shown($0) } }
}
