import Orders
import Seeded
import Testing

@Suite struct IdentityTests {
  private static let sample = "0198c0de-f00d-7abc-8def-0123456789ab"

  @Test func idReadsAndPrintsTheUsualForm() throws {
    let id = try #require(OrderID(Self.sample))
    #expect(id.description == Self.sample)
    #expect(OrderID(Self.sample.uppercased()) == id)
    #expect(OrderID(Substring(Self.sample)) == id)
  }

  @Test(arguments: [
    "", "x", "0198c0def00d7abc8def0123456789ab", "0198c0de-f00d-7abc-8def-0123456789a",
    "0198c0de-f00d-7abc-8def-0123456789abc", "0198c0de-f00d-7abc-8def-0123456789ab-",
    "g198c0de-f00d-7abc-8def-0123456789ab",
    "0198c0de_f00d-7abc-8def-0123456789ab", "0198c0de-f00d-7abc-8def-0123456789a\u{0}",
    "{0198c0de-f00d-7abc-8def-0123456789ab}", " 0198c0de-f00d-7abc-8def-0123456789ab",
    "٣198c0de-f00d-7abc-8def-0123456789ab",
    String(repeating: "a", count: 100_000), "------------------------------------",
  ])
  func idRefusesGarbage(_ text: String) { #expect(OrderID(text) == nil) }

  @Test func idsAreUniqueSortedByTimeAndOfVersion7() throws {
    var random = SeededGenerator(seed: testSeed)
    var seen: Set<OrderID> = []
    var last: OrderID?
    for milliseconds in UInt64(1_700_000_000_000)..<1_700_000_010_000 {
      let id = OrderID(milliseconds: milliseconds, using: &random)
      #expect(seen.insert(id).inserted)
      if let last { #expect(last < id && last.description < id.description) }
      last = id
      let text = id.description
      let letters = Array(text)
      #expect(letters[14] == "7")
      #expect("89ab".contains(letters[19]))
      #expect(OrderID(text) == id)
    }
    // Made in the same millisecond, they differ all the same.
    let twins = Set((0..<10_000).map { _ in OrderID(milliseconds: 1, using: &random) })
    #expect(twins.count == 10_000)
  }

  @Test func referencesAreDigitsAndUnique() {
    var random = SeededGenerator(seed: testSeed)
    for digits in 10...18 {
      let reference = SendReference.make(digits: digits, using: &random)
      #expect(reference.utf8.count == digits)
      #expect(reference.utf8.allSatisfy { (48...57).contains($0) })
      #expect(reference.first != "0")
    }
    // Twelve digits: a few twins among 100,000 are to be expected, eighteen: none.
    let many = (0..<100_000).map { _ in SendReference.make(digits: 18, using: &random) }
    #expect(Set(many).count == many.count)
    #expect(many.allSatisfy { $0.first != "0" && $0.utf8.count == 18 })
    #expect(Set(many.compactMap(\.first)).count == 9)
    #expect(Set(many.compactMap(\.last)).count == 10)
  }

  @Test func referencesOfAnotherLengthStopTheProgram() async {
    await #expect(processExitsWith: .failure) {
      var random = SystemRandomNumberGenerator()
      _ = SendReference.make(digits: 9, using: &random)
    }
    await #expect(processExitsWith: .failure) {
      var random = SystemRandomNumberGenerator()
      _ = SendReference.make(digits: 19, using: &random)
    }
  }

  @Test func aPinPrintsAsDots() {
    let pin = Pin("SECRET-1234")
    #expect("\(pin)" == "••••")
    #expect(String(reflecting: pin) == "••••")
    #expect(!"\(QueryOutcome.completed(pin, note: "n"))".contains("SECRET"))
    #expect(!"\(Decision.complete(pin, note: "n"))".contains("SECRET"))
    #expect(!"\(String(describing: Optional(pin))) \([pin])".contains("SECRET"))
    #expect(pin.secret == "SECRET-1234")
  }

  @Test func repliesAreCut() {
    let reply = [UInt8](repeating: 65, count: Exchange.replyBytesMax + 1)
    let exchange = Exchange(kind: .send, request: "GET /", status: 200, reply: reply, error: nil, duration: .zero)
    #expect(exchange.reply.count == Exchange.replyBytesMax)
  }
}
