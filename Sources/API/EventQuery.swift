import HTTPServer
import Orders
public import Store

/// From where on, and which events a request asks for: `after` and `types`.
public struct EventQuery: Sendable {
  /// The types of orders' events.
  public static let orderTypes =
    Status.allCases.compactMap(\.eventType) + [FulfilmentStore.progressed, OrderEvent.rated]
  /// The types that can be asked for.
  public static let types = orderTypes + OperatorEvent.allCases.map(\.rawValue)

  /// nil where none is given.
  public let after: Int64?
  /// Empty: all.
  public let types: [String]

  /// - Throws: ``Problem`` with status 422 that names the parameter.
  public init(_ query: Query) throws(Problem) {
    if let text = query.one("after") {
      guard let position = Self.position(text) else {
        throw .invalidQuery([.init(field: "after", message: "must be the position of an event, or a next")])
      }
      after = position
    } else {
      after = nil
    }
    types = query.all("types").flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    for type in types where !Self.types.contains(type) {
      throw .invalidQuery([
        .init(field: "types", message: "must be of \(Self.types.joined(separator: ", ")), after commas")
      ])
    }
  }

  /// A position as it is written; nil for anything else.
  public static func position(_ text: String) -> Int64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return Int64(text)
  }

  /// Whether an event's type is asked for.
  public func wants(_ type: String) -> Bool { types.isEmpty || types.contains(type) }

  /// Which events a token with these scopes may see, as far as they are asked for.
  ///
  /// - Throws: ``Problem`` with status 403 that names the type and the scope that it takes.
  public func reach(scopes: Set<String>) throws(Problem) -> EventReach {
    let all = EventReach(scopes: scopes)
    for type in types where !all.has(type) { throw Self.forbidden(type) }
    guard !types.isEmpty else { return all }
    return EventReach(
      hasOrders: types.contains { !OperatorEvent.isOne($0) }, hasNotices: types.contains(where: OperatorEvent.isOne))
  }

  /// That a token may not see events of a type.
  public static func forbidden(_ type: String) -> Problem {
    let scope = OperatorEvent.isOne(type) ? EventReach.operatorScope : EventReach.orderScope
    let message = "has \(type), which takes a token with the scope \(scope)"
    return Problem(
      status: 403, title: "Forbidden", detail: "types: \(message)", errors: [.init(field: "types", message: message)])
  }

  /// What is wrong with going on from a position; nil when nothing was missed and nothing is ahead.
  public static func problem(after position: Int64, _ page: EventPage) -> Problem? {
    if position < page.keptAfter {
      var problem = Problem(
        status: 410, title: "Gone",
        detail:
          "events up to position \(page.keptAfter) are kept no longer; catch up with GET /v1/orders?order=changed, "
          + "then go on with after=\(page.keptAfter)", code: .eventsGone)
      problem.members = [("oldest", "\(page.keptAfter + 1)")]
      return problem
    }
    guard position > page.last else { return nil }
    return .invalidQuery([
      .init(
        field: "after",
        message:
          "is ahead of the last event, \(page.last): it is of another database, or this one was restored; begin anew")
    ])
  }
}
