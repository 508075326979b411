import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// Answers that nobody has explained: counted, kept once for each that differs, and never without end.
@Suite(.timeLimit(.minutes(1))) struct UnfamiliarReplyTests {
  private func exchange(_ reply: String, status: Int? = 200, kind: Exchange.Kind = .query) -> Exchange {
    Exchange(kind: kind, request: "GET /x", status: status, reply: Array(reply.utf8), error: nil, duration: .zero)
  }

  @Test func eachIsToldOnceAndCounted() async throws {
    let bench = try await Bench()
    let order = try await bench.order(.sending, .sent)
    let replies = UnfamiliarReplies(bench.store)
    let provider = try #require(order.providerID)
    func note(_ exchange: Exchange, _ shape: String, _ count: Int = 1) async throws -> Bool? {
      try await replies.note(
        provider: provider, exchange, shape: Array(shape.utf8), count: count, order: order.id)
    }
    #expect(try await note(exchange("x 12"), "x 0") == true)
    #expect(try await note(exchange("x 77"), "x 0", 4) == false)
    #expect(try await note(exchange("x 12", status: 500), "x 0") == true)
    #expect(try await note(exchange("x 12", kind: .send), "x 0") == true)
    #expect(try await note(exchange(""), "") == true)
    let all = try await replies.all(provider: provider)
    #expect(all.count == 4)
    let first = try #require(all.first { $0.seen == 5 })
    #expect(first.reply == Array("x 12".utf8) && first.kind == "query" && first.status == 200)
    #expect(first.orderID == order.id && first.firstAt.hasSuffix("Z") && first.lastAt >= first.firstAt)
    #expect(try await replies.all(provider: provider + 1).isEmpty)
  }

  @Test func noMoreAreKeptThanPeopleRead() async throws {
    let bench = try await Bench()
    let order = try await bench.order(.sending, .sent)
    let replies = UnfamiliarReplies(bench.store)
    let provider = try #require(order.providerID)
    for number in 0..<UnfamiliarReplies.distinctMax {
      _ = try await replies.note(
        provider: provider, exchange("x"), shape: Array("\(number)".utf8), count: 1, order: nil)
    }
    #expect(try await replies.note(provider: provider, exchange("y"), shape: [1], count: 1, order: nil) == nil)
    // What is there goes on being counted.
    #expect(try await replies.note(provider: provider, exchange("x"), shape: [0x37], count: 1, order: nil) == false)
    #expect(try await bench.count("unfamiliar_replies") == UnfamiliarReplies.distinctMax)
    let long = exchange(String(repeating: "9", count: 100_000))
    #expect(long.reply.count == Exchange.replyBytesMax)
  }
}
