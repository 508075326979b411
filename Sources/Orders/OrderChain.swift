/// Whose orders an order was passed on from, the first one first: the way by which an order that leads back to its shop is known.
///
/// A platform that fulfils an order by ordering it elsewhere gives the header ``header`` on: what it got itself, and its own order's id
/// behind it. It ends since each hand adds an id and none takes one away:
///
/// 1. Intake refuses an order whose chain holds an order of the same shop (`Store.order(of:among:)`): it came round.
/// 2. Intake refuses one whose chain is full (``lengthMax``), so that a circle among others ends as well.
///
/// A platform that drops the header hides what was before it; nothing here can see such a circle.
public struct OrderChain: Sendable, Equatable {
  public static let header = "Sevk-Order-Chain"
  /// So many hands at most, the last one's own included.
  public static let lengthMax = 8
  /// Of one id; ids of Sevk have 36.
  public static let idBytesMax = 64

  /// The first order's id first; those of other platforms have forms of their own.
  public let ids: [String]

  public struct Mistake: Error, Equatable, CustomStringConvertible {
    public let description: String
  }

  public init(ids: [String] = []) { self.ids = ids }

  /// - Parameter values: of the header, however often it is there.
  public init(headers values: [String]) throws(Mistake) {
    var ids: [String] = []
    for value in values {
      for part in value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
        let id = part.drop { $0 == 0x20 || $0 == 0x09 }
        let end = id.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { id.index(after: $0) } ?? id.endIndex
        let bytes = id[..<end]
        guard (1...Self.idBytesMax).contains(bytes.count),
          bytes.allSatisfy(Self.isOfID)
        else {
          throw Mistake(
            description:
              "must be ids of orders with commas between them, each 1 to \(Self.idBytesMax) letters, digits, - or _")
        }
        ids.append(String(decoding: bytes, as: UTF8.self))
        guard ids.count <= Self.lengthMax * 2 else {
          throw Mistake(description: "has more than \(Self.lengthMax * 2) ids; \(Self.lengthMax) are the most")
        }
      }
    }
    self.ids = ids
  }

  private static func isOfID(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// As the header has it.
  public var text: String { ids.joined(separator: ",") }

  /// Those of its orders that can be Sevk's.
  public var ownIDs: [OrderID] { ids.compactMap { OrderID($0) } }

  /// Whether one more may take the order.
  public var isFull: Bool { ids.count >= Self.lengthMax }

  public func adding(_ id: OrderID) -> OrderChain { OrderChain(ids: ids + [id.description]) }
}
