import EventLoop
import HTTPClient
import HTTPServer

/// Runs `body` with a started server and stops it afterwards.
func withServer(
  host: String = "127.0.0.1", limits: HTTPServerLimits = .init(), identifies: Bool = false,
  admit: (@Sendable (HTTPRequest) async -> Admission)? = nil,
  handler: @escaping @Sendable (HTTPRequest) async -> HTTPResponse,
  _ body: (Int) async throws -> Void
) async throws {
  let server = HTTPServer(
    host: host, port: 0, limits: limits, identifies: identifies, admit: admit, handler: handler)
  try await server.start()
  do {
    try await body(server.port)
  } catch {
    await server.stop(grace: .zero)
    throw error
  }
  await server.stop(grace: .zero)
}

/// Runs `body` with a client and closes it afterwards.
func withClient(connectionsMax: Int = 64, _ body: (HTTPClient) async throws -> Void) async throws {
  let client = HTTPClient(connectionsMax: connectionsMax)
  do { try await body(client) } catch {
    await client.close()
    throw error
  }
  await client.close()
}

extension HTTPClient {
  /// The body of the answer to `request`.
  nonisolated func text(of request: HTTPClientRequest) async throws -> String { try await perform(request).text }

  /// The error that `request` must end in; nil when it was answered.
  nonisolated func failure(of request: HTTPClientRequest) async -> HTTPClientError? {
    do {
      _ = try await perform(request)
      return nil
    } catch { return error as? HTTPClientError }
  }
}

extension HTTPClientReply {
  var text: String { String(decoding: body, as: UTF8.self) }
}

/// Describes a request line by line, so that a test can compare the whole.
@Sendable func echo(_ request: HTTPRequest) async -> HTTPResponse {
  let query = request.query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
  return .text(
    """
    \(request.method) \(request.path) ?\(query)
    X-Test: \(request.header("x-TEST") ?? "-")
    \(request.peer)
    \(String(decoding: request.body, as: UTF8.self))
    """)
}

@LoopActor
final class Counter {
  private(set) var value = 0
  nonisolated init() {}
  func add() { value += 1 }
}

/// Something that happens once, or again and again: ``wait()`` returns when it has happened since the last wait.
@LoopActor
final class Signal {
  private var isSet = false
  private var waiter: CheckedContinuation<Void, Never>?
  nonisolated init() {}

  func signal() {
    isSet = true
    waiter?.resume()
    waiter = nil
  }

  func wait() async {
    // Asked where the waiter is kept, with no await in between that a signal could slip into.
    await withCheckedContinuation { continuation in
      if isSet { continuation.resume() } else { waiter = continuation }
    }
    isSet = false
  }
}
