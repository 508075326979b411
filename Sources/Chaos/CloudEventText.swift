import FoundationEssentials

/// What is read of an event that came from outside: the JSON of a CloudEvent.
struct CloudEventText: Decodable {
  struct Content: Decodable {
    let status: String?
    let refund_safe: String?
  }

  let id: String
  let type: String
  let subject: String?
  let sequence: String?
  let data: Content?

  /// - Returns: nil for what is none.
  static func read(_ json: some Collection<UInt8>) -> CloudEventText? {
    try? JSONDecoder().decode(CloudEventText.self, from: Data(json))
  }

  /// What it says of an order; nil when it is about something else.
  var told: Evidence.Outside.Told? {
    guard type.hasPrefix("sevk.order."), let subject, let version = sequence.flatMap({ Int($0) }),
      let status = data?.status, let refundSafe = data?.refund_safe
    else { return nil }
    return .init(order: subject, version: version, type: type, status: status, refundSafe: refundSafe)
  }
}
