import EventLoop
import Orders
import Store
import Telemetry

/// Keeps answers that no row of their provider's contract explains, and tells of each once. Written beside the work on
/// orders: what is noted here is a copy for people, and an answer that is lost on the way stands in its order's timeline.
@LoopActor
final class UnfamiliarNotes {
  /// Most distinct answers that wait to be written.
  private nonisolated static let waitingMax = 100
  nonisolated static let metric = "sevk_provider_unfamiliar_replies_total"

  private struct Key: Hashable {
    let provider: Int64
    let kind: Exchange.Kind
    let status: Int?
    let shape: [UInt8]
  }

  private let replies: UnfamiliarReplies
  private let instruments: Instruments
  private var waiting: [Key: (provider: Provider, exchange: Exchange, order: OrderID?, count: Int)] = [:]
  private var isWriting = false

  nonisolated init(_ store: Store, _ instruments: Instruments) {
    replies = UnfamiliarReplies(store)
    self.instruments = instruments
  }

  /// Counts an exchange if its answer is unfamiliar.
  func note(_ provider: Provider, _ exchange: Exchange, order: OrderID?) {
    guard exchange.isUnfamiliar else { return }
    instruments.metrics.add(Self.metric, ["provider": provider.name, "kind": exchange.kind.rawValue])
    let key = Key(
      provider: provider.id, kind: exchange.kind, status: exchange.status, shape: Self.shape(of: exchange.reply))
    if let known = waiting[key] {
      waiting[key] = (known.provider, known.exchange, known.order, known.count + 1)
    } else if waiting.count < Self.waitingMax {
      waiting[key] = (provider, exchange, order, 1)
    }
    guard !isWriting else { return }
    isWriting = true
    Task(executorPreference: EventLoop.shared) { await self.write() }
  }

  private func write() async {
    while let (key, found) = waiting.first {
      waiting[key] = nil
      let isNew: Bool?
      do {
        isNew = try await replies.note(
          provider: key.provider, found.exchange, shape: key.shape, count: found.count, order: found.order)
      } catch {
        // The count in the metric and the order's timeline have it.
        instruments.log.debug("an unfamiliar answer could not be kept", ["error": "\(error)"])
        continue
      }
      guard isNew ?? false else { continue }
      instruments.log.warning(
        "a provider gave an answer that its contract does not explain; see: worker provider unfamiliar",
        [
          "provider": found.provider.name, "kind": key.kind.rawValue, "status": key.status.map(String.init) ?? "",
          "order": found.order.map { "\($0)" } ?? "",
        ])
    }
    isWriting = false
  }

  /// Numbers differ from answer to answer, and are no other kind of answer.
  nonisolated static func shape(of reply: [UInt8]) -> [UInt8] {
    var shape: [UInt8] = []
    shape.reserveCapacity(reply.count)
    for byte in reply {
      let isDigit = (0x30...0x39).contains(byte)
      if isDigit, shape.last == UInt8(ascii: "0") { continue }
      shape.append(isDigit ? UInt8(ascii: "0") : byte)
    }
    return shape
  }
}
