import Adapters
import EventLoop
public import HTTPClient

/// HTTP and HTTPS.
///
/// Every request has a connection of its own, read to its end: on a kept one, a single surplus answer shifts each later
/// answer onto the question after it, and two customers get each other's PIN. (On a kept connection that the provider has
/// closed, an HTTP stack may also repeat the request by itself.)
public struct HTTPChannel: Channel {
  private static let connectSecondsMax = 5
  /// Two answers prove something only if both are the provider's: no proxy may keep one.
  private static let headers = [("Cache-Control", "no-cache, no-store"), ("Pragma", "no-cache")]

  private let http: HTTPClient

  public init(_ http: HTTPClient) { self.http = http }

  public func carry(_ call: WireCall) async -> WireAttempt {
    let (request, timeout) = (call.request, call.account.timeout)
    // One with a line end in it would be two, or begin a request of its own.
    guard request.headers.allSatisfy({ Self.isPlain($0.name) && Self.isPlain($0.value) }) else {
      return WireAttempt(
        call, duration: .zero, result: .failure(WireFailure(words: "a header that can't be sent", wasSent: false)))
    }
    let http = HTTPClientRequest(
      method: request.method, url: request.url, headers: Self.headers + request.headers.map { ($0.name, $0.value) },
      body: request.body, timeout: timeout, connectTimeout: min(timeout, .seconds(Self.connectSecondsMax)),
      bodyBytesMax: call.replyBytesMax, connection: .fresh, notAfter: call.notAfter, readsToEnd: true)
    do {
      let reply = try await self.http.perform(http)
      if let fault = reply.lengthFault ?? Self.ageFault(reply) {
        return WireAttempt(
          call, duration: reply.duration,
          result: .failure(
            WireFailure(words: "an answer that is not believed: \(fault)", wasSent: true, isProtocolFault: true)))
      }
      var answer = WireReply(
        status: reply.status, contentType: reply.contentType, body: reply.body, location: Self.location(reply))
      answer.headers = reply.headers
      return WireAttempt(call, duration: reply.duration, result: .success(answer))
    } catch let error as HTTPClientError {
      return WireAttempt(
        call, duration: error.duration,
        result: .failure(
          WireFailure(
            words: error.words, detail: error.description, wasSent: error.reach != .notSent,
            isProtocolFault: error.isProtocolFault)))
    } catch {
      // Whatever else ends a request, such as a cancelled task, does not prove that nothing left.
      return WireAttempt(
        call, duration: .zero, result: .failure(WireFailure(words: "the request was given up", wasSent: true)))
    }
  }

  private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }

  private static func location(_ reply: HTTPClientReply) -> String? {
    guard (300...399).contains(reply.status) else { return nil }
    return reply.headers.first { $0.name.utf8.count == 8 && $0.name.lowercased() == "location" }?.value
  }

  private static func ageFault(_ reply: HTTPClientReply) -> String? {
    let age = reply.headers.first { $0.name.utf8.count == 3 && $0.name.lowercased() == "age" }.flatMap { Int($0.value) }
    return age.map { $0 > 0 ? "a cache on the way kept it for \($0) s" : nil } ?? nil
  }
}
