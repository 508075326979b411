import EventLoop
import Foundation
import HTTPServer
import Synchronization

/// A shop's receiver of events, which answers as it is told to.
final class Receiver: Sendable {
  struct Post: Sendable {
    let path: String
    let headers: [String: String]
    var body: String
    let status: Int

    private var json: [String: Any]? { try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any] }
    var id: String { json?["id"] as? String ?? "" }
    var type: String { json?["type"] as? String ?? "" }
    var subject: String { json?["subject"] as? String ?? "" }
    var version: Int { Int(json?["sequence"] as? String ?? "") ?? -1 }
    /// Such as `v1,…`; two of them while a secret before it is valid.
    var signatures: [String] { headers["webhook-signature"]?.split(separator: " ").map(String.init) ?? [] }
  }

  private struct State {
    var posts: [Post] = []
    var server: HTTPServer?
    var address = ""
    var answer: @Sendable (String) -> HTTPResponse = { _ in HTTPResponse(status: 204) }
  }

  private let state = Mutex(State())

  func start() async throws {
    let server = HTTPServer(host: "127.0.0.1", port: 0) { self.take($0) }
    try await server.start()
    let address = "127.0.0.1:\(await server.port)"
    state.withLock { ($0.server, $0.address) = (server, address) }
  }

  func stop() async { await state.withLock { $0.server }?.stop(grace: .zero) }

  func url(_ path: String) -> String { "http://\(state.withLock { $0.address })/\(path)" }

  /// What it answers from now on, by the path asked.
  func answers(_ answer: @escaping @Sendable (String) -> HTTPResponse) { state.withLock { $0.answer = answer } }

  func answers(_ status: Int) { answers { _ in HTTPResponse(status: status) } }

  func posts(to path: String? = nil) -> [Post] {
    state.withLock { $0.posts }.filter { path == nil || $0.path == "/\(path ?? "")" }
  }

  /// Those that it took.
  func taken(_ path: String? = nil) -> [Post] { posts(to: path).filter { (200...299).contains($0.status) } }

  private func take(_ request: HTTPRequest) -> HTTPResponse {
    let answer = state.withLock { $0.answer }(request.path)
    let headers = Dictionary(request.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
    let post = Post(
      path: request.path, headers: headers, body: String(decoding: request.body, as: UTF8.self), status: answer.status)
    state.withLock { $0.posts.append(post) }
    return answer
  }
}

extension Installation {
  /// All programs, with a token for endpoints, and a receiver for them.
  ///
  /// - Parameters:
  ///   - scopes: of the token.
  ///   - prepare: runs before the programs.
  static func withReceiver(
    scopes: String = "endpoints:write", environment: [String: String] = [:],
    _ prepare: (Installation) async throws -> Void = { _ in }
  ) async throws -> (Installation, Receiver) {
    let sevk = try await make(environment: environment)
    try await prepare(sevk)
    try await sevk.startAll()
    sevk.endpointToken = try sevk.createToken(scopes)
    let receiver = Receiver()
    try await receiver.start()
    return (sevk, receiver)
  }

  func stop(with receiver: Receiver) async {
    await receiver.stop()
    await stop()
  }
}
