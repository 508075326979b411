public import EventLoop
internal import Orders
public import Store

/// An event as it is passed on to those who wait for it.
@LoopActor
public final class FeedEvent {
  /// Its place among all events.
  public let position: Int64
  public let tenant: String
  /// Such as `sevk.order.sent`.
  public let type: String
  /// Whether it is of a provider or an endpoint, and no order's.
  public let isForOperators: Bool
  /// The order that it tells of; of one for operators what else it tells of.
  public let orderID: String
  /// The CloudEvent, as in the streams: no line break is in it.
  public let json: [UInt8]

  /// The order's version after it; nil where it does not say.
  public var version: Int? { Self.member("\"sequence\":\"", of: json).flatMap { Int($0) } }

  /// As lists have it.
  public var listed: [UInt8] { Array("{\"position\":\(position),\"event\":".utf8) + json + [UInt8(ascii: "}")] }

  /// That as a text frame of a WebSocket server (RFC 6455, section 5.2), made once for all who get it.
  public private(set) lazy var frame: [UInt8] = {
    let text = listed
    return Self.frameHead(text.count) + text
  }()

  /// As server-sent events have it.
  public private(set) lazy var serverSent: [UInt8] =
    Array("id: \(position)\nevent: \(type)\ndata: ".utf8) + json + Array("\n\n".utf8)

  public init(_ event: OutboxEvent) {
    (position, tenant, type, orderID) = (event.position, event.tenant, event.type, event.orderID)
    json = Array(CloudEvent.json(event).utf8)
    isForOperators = OperatorEvent.isOne(event.type)
  }

  /// As it stands in the stream of all.
  ///
  /// - Returns: nil for what ``CloudEvent/json(_:)`` did not write.
  init?(position: Int64, json: [UInt8]) {
    guard let tenant = Self.member("\"source\":\"sevk/", of: json), let type = Self.member("\"type\":\"", of: json),
      let order = Self.member("\"subject\":\"", of: json)
    else { return nil }
    (self.position, self.tenant, self.type, orderID, self.json) = (position, tenant, type, order, json)
    isForOperators = OperatorEvent.isOne(type)
  }

  /// What comes before a whole text message of so many bytes, which a server does not mask.
  private static func frameHead(_ count: Int) -> [UInt8] {
    let wholeText: UInt8 = 0x81
    func bigEndian(_ bytes: Int) -> [UInt8] {
      (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
    }
    return switch count {
    case ..<126: [wholeText, UInt8(count)]
    case ..<65_536: [wholeText, 126] + bigEndian(2)
    default: [wholeText, 127] + bigEndian(8)
    }
  }

  /// What stands behind a mark, up to the next quotation mark. Of the four that are looked for each stands before anything
  /// that a shop or a provider wrote, and none of them needs to be escaped.
  private static func member(_ mark: StaticString, of json: [UInt8]) -> String? {
    let mark = UnsafeBufferPointer(start: mark.utf8Start, count: mark.utf8CodeUnitCount)
    guard let place = json.firstRange(of: mark) else { return nil }
    let value = json[place.upperBound...].prefix { $0 != UInt8(ascii: "\"") }
    return String(decoding: value, as: UTF8.self)
  }
}
