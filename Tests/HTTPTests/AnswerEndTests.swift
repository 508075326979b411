import EventLoop
import HTTPClient
import TestSupport
import Testing

/// Answers that are longer than they say, belong to no question, or come too early.
@Suite struct AnswerEndTests {
  private static func answer(_ body: String, length: Int? = nil) -> String {
    "HTTP/1.1 200 OK\r\nContent-Length: \(length ?? body.utf8.count)\r\n\r\n\(body)"
  }

  private static func ask(_ server: RawServer, scheme: String = "http") -> HTTPClientRequest {
    HTTPClientRequest(url: "\(scheme)://127.0.0.1:\(server.port)/", timeout: .seconds(20), readsToEnd: true)
  }

  /// Characters counted for bytes: the rest of the line comes, and a reader that stops where the head says would get the
  /// same cut each time.
  @Test(arguments: [
    (answer("OK|2|B2B2-CD34-EF56|Onaylandı", length: 14), "14 bytes and "),
    (answer("OK|1| |x") + answer("OK|2|AB12|y"), "8 bytes and "),
    ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc", "two things"),
    ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc", "two things"),
    (
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "two things"
    ),
  ])
  func aLengthThatIsNotTrueIsNamed(_ answer: String, _ fault: String) async throws {
    let server = RawServer { _ in .answer(answer) }.start()
    try await withClient { client in
      let reply = try await client.perform(Self.ask(server))
      #expect(reply.lengthFault?.contains(fault) == true, "\(reply.lengthFault ?? "none")")
    }
    server.stop()
  }

  @Test(arguments: [
    answer("OK|1| |x"), answer(""), "HTTP/1.1 200 OK\r\n\r\nOK|1| |x",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "HTTP/1.1 103 Early Hints\r\n\r\n" + answer("OK|1| |x"),
  ])
  func aTrueLengthIsNoFault(_ answer: String) async throws {
    let server = RawServer { _ in .answer(answer) }.start()
    try await withClient { client in
      let reply = try await client.perform(Self.ask(server))
      #expect(reply.lengthFault == nil)
      #expect(server.heads[0].contains("Connection: close"))
    }
    server.stop()
  }

  /// It was asked to close, and does not: the answer is whole all the same.
  @Test(arguments: [answer("OK|1| |x"), answer("")])
  func aServerThatKeepsTheConnectionIsNotWaitedForLong(_ answer: String) async throws {
    let server = RawServer { _ in .keep(answer) }.start()
    try await withClient { client in
      let reply = try await client.perform(Self.ask(server))
      #expect(reply.lengthFault == nil && reply.status == 200)
    }
    server.stop()
  }

  @Test func anAnswerThatEndsEarlyIsNone() async throws {
    let server = RawServer { _ in .answer(Self.answer("half", length: 10)) }.start()
    try await withClient { client in
      let error = await client.failure(of: Self.ask(server))
      #expect(error?.reach == .unknown && error?.description.contains("in the middle") == true)
    }
    server.stop()
  }

  /// What was there before the question is no answer to it, and the question does not leave.
  @Test func anAnswerBeforeTheQuestionIsAFault() async throws {
    let server = RawServer(greeting: Self.answer("OK|2|AB12|x")) { _ in .answer(Self.answer("OK|1| |x")) }.start()
    try await withClient { client in
      // It may be a moment until the greeting has come; then the question had left, and the bytes are too many.
      do {
        let reply = try await client.perform(Self.ask(server))
        #expect(reply.lengthFault != nil)
      } catch let error as HTTPClientError {
        #expect(error.isProtocolFault && error.reach == .notSent, "\(error)")
      }
    }
    server.stop()
  }
}
