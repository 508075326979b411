import Orders
import Testing

@Suite struct OrderChainTests {
  private static let id = "01a1fe45-7c1e-7b02-9d3c-2f6a5b1c8d01"

  @Test func readsItsHeader() throws {
    #expect(try OrderChain(headers: []).ids.isEmpty)
    #expect(try OrderChain(headers: ["a, b\t,c", "d"]).ids == ["a", "b", "c", "d"])
    let chain = try OrderChain(headers: ["other_1,\(Self.id)"])
    #expect(chain.ownIDs.map(\.description) == [Self.id] && chain.text == "other_1,\(Self.id)" && !chain.isFull)
  }

  @Test(arguments: [
    "", " ", ",", "a,", "a,,b", "a b", "a;b", "ş", "\"a\"", String(repeating: "a", count: 65),
    Array(repeating: "a", count: 17).joined(separator: ","),
  ])
  func refuses(_ text: String) { #expect(throws: OrderChain.Mistake.self) { try OrderChain(headers: [text]) } }

  /// Each hand adds an id and none takes one away: after eight there is an end.
  @Test func itEnds() throws {
    var chain = OrderChain()
    let own = try #require(OrderID(Self.id))
    var hands = 0
    while !chain.isFull {
      chain = chain.adding(own)
      hands += 1
    }
    #expect(hands == OrderChain.lengthMax && chain.ids.last == Self.id)
    #expect(try OrderChain(headers: [chain.text]) == chain)
  }
}
