import API
import Adapters
import Cipher
import EventLoop
import HTTPServer
import OrderWork
import Telemetry

/// `POST /hooks/providers/{name}`: what a provider says by itself. There is no token: the adapter verifies the sender, and what it can't
/// verify is no more than a reason to ask.
///
/// An answer says nothing of orders, since anybody may ask: each notice that was taken is answered alike.
@LoopActor
final class ProviderHooks {
  nonisolated static let prefix = "/hooks/providers/"
  nonisolated static let bodyBytesMax = 65_536
  /// Of one provider; and of all names together that there are not.
  private static let perSecond = 50.0
  private static let burst = 200.0

  private let taker: NoticeTaker
  private var buckets: [String: TokenBucket] = [:]

  init(_ taker: NoticeTaker) { self.taker = taker }

  func answer(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard request.method == "POST" else {
      throw Problem(
        status: 405, title: "Method not allowed", detail: "\(request.method) is not possible here; use POST",
        headers: [("Allow", "POST")])
    }
    let name = String(request.path.dropFirst(Self.prefix.count))
    let provider = try await taker.provider(named: name)
    try limit(provider == nil ? "" : name)
    guard let provider else {
      throw Problem(status: 404, title: "Not found", detail: "no provider of that name posts here")
    }
    let notice = NoticeRequest(
      method: request.method, target: request.target, headers: request.headers, body: request.body,
      hmacSHA256: { key, bytes in
        Digest.hmacSHA256(bytes, key: key.count > 64 ? Digest.sha256(key) : key)
      })
    let (result, why) = try await taker.take(notice, from: provider)
    switch result {
    case .rejected:
      throw Problem(status: 403, title: "Refused", detail: "the notice was refused: \(why)", code: .forbidden)
    case .asked, .kept, .held, .tooSoon, .nothing, .unknownOrder, .otherOrder:
      return HTTPResponse(
        status: 202, headers: [("Content-Type", "application/json")], body: Array("{\"taken\":true}\n".utf8))
    }
  }

  private func limit(_ name: String) throws {
    let now = ContinuousClock.now
    let wait = buckets[name, default: TokenBucket(perSecond: Self.perSecond, burst: Self.burst, now: now)]
      .take(1, now: now)
    if let wait { throw Problem.tooMany("too many notices at once; send it again", wait) }
  }
}
