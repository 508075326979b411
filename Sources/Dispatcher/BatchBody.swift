import API
import EventLoop

/// The body of a batch, read an order at a time: between two the loop does what else waits, so that no batch, however it
/// is made, delays another shop's order for long.
@LoopActor
enum BatchBody {
  static let ordersMax = 1000
  /// Of one order, as when it comes alone.
  static let orderBytesMax = IntakeService.orderBytesMax
  /// All members and elements together; an order of the most fields has some 60.
  static let valuesMax = 100_000
  /// What is worked through in one turn of the loop.
  static let turnBytesMax = 64 * 1024
  static let turnOrdersMax = 100

  /// One order's JSON, or why it is not read.
  struct Item: Sendable {
    let bytes: Int
    let json: Result<WrittenOrder, Problem>
  }

  /// - Throws: ``Problem`` with status 400 when the body, or any order in it, is not JSON; with 422 when it is no batch.
  static func read(_ body: [UInt8]) async throws -> [Item] {
    let ranges: [Range<Int>]
    switch JSONScan.elements(of: "orders", in: body, elementsMax: ordersMax, valuesMax: valuesMax) {
    case .elements(let found): ranges = found
    case .tooManyElements: throw wrongCount
    case .tooManyValues: throw Problem.tooMuch(valuesMax: valuesMax)
    case .tooDeep: throw Problem.tooDeep
    case .other:
      // Read only to say what is wrong with it, and so only where that costs nothing.
      guard body.count <= orderBytesMax else {
        throw Problem(
          status: 400, title: "Bad request", detail: #"the body is not JSON of the form {"orders": […]}"#,
          code: .notJSON)
      }
      _ = try JSONValue.required(body)
      throw wrongShape
    }
    guard !ranges.isEmpty else { throw wrongCount }
    var items: [Item] = []
    var turn = BatchTurn()
    for range in ranges {
      await turn.take(range.count)
      items.append(try item(body, range))
    }
    return items
  }

  private static func item(_ body: [UInt8], _ range: Range<Int>) throws -> Item {
    guard range.count <= orderBytesMax else {
      return Item(
        bytes: range.count,
        json: .failure(.invalid([.init(field: "(order)", message: "must have at most \(orderBytesMax) bytes")])))
    }
    return Item(bytes: range.count, json: .success(try WrittenOrder(Array(body[range]))))
  }

  private static let wrongShape = Problem.invalid([
    .init(field: "orders", message: "must be the body's only member, and an array of orders")
  ])
  private static let wrongCount = Problem.invalid([
    .init(field: "orders", message: "must hold 1 to \(ordersMax) orders")
  ])
}

/// Ends the loop's turn when enough of a batch was worked through in it.
@LoopActor
struct BatchTurn {
  private var bytes = 0
  private var orders = 0

  /// To be called before each order.
  mutating func take(_ count: Int) async {
    if orders > 0, bytes + count > BatchBody.turnBytesMax || orders >= BatchBody.turnOrdersMax {
      // A timer, not a yield: that would go on before the loop has looked at its sockets.
      try? await EventLoop.sleep(for: .zero)
      (bytes, orders) = (0, 0)
    }
    bytes += count
    orders += 1
  }
}

extension Problem {
  /// A body with more in it than an order can have.
  static func tooMuch(valuesMax: Int) -> Problem {
    .invalid([.init(field: "(body)", message: "must hold at most \(valuesMax) values")])
  }

  static let tooDeep = Problem(
    status: 400, title: "Bad request", detail: "the body is nested deeper than \(JSONScan.depthMax) levels",
    code: .notJSON)
}

extension Problem {
  static func notJSON(_ mistake: JSONMistake) -> Problem {
    Problem(
      status: 400, title: "Bad request", detail: "the body is not JSON as it is taken here: \(mistake)", code: .notJSON)
  }
}

extension JSONValue {
  /// - Throws: ``Problem`` with status 400.
  static func required(_ bytes: [UInt8]) throws -> JSONValue {
    do throws(JSONMistake) { return try JSONReader.read(bytes) } catch { throw Problem.notJSON(error) }
  }
}
