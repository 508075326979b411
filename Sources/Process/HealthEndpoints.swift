import CommandLine
public import EventLoop
public import HTTPServer
public import Redis
public import Store
public import Telemetry

/// `/healthz`, `/readyz` and `/metrics`, the same in every process.
@LoopActor
public struct HealthEndpoints {
  private let store: Store
  private let redis: RedisClient
  private let problem: @LoopActor @Sendable () -> String?
  private let metrics: @LoopActor @Sendable () -> String

  /// - Parameters:
  ///   - problem: why the process is not ready though its servers answer.
  ///   - metrics: the text that Prometheus scrapes, as of now.
  public init(
    store: Store, redis: RedisClient, problem: @escaping @LoopActor @Sendable () -> String? = { nil },
    metrics: @escaping @LoopActor @Sendable () -> String
  ) {
    self.store = store
    self.redis = redis
    self.problem = problem
    self.metrics = metrics
  }

  /// Shorter than proxies and service managers wait for an answer.
  private static let databasePatience = Duration.seconds(4)
  private static let paths: Set = ["/healthz", "/readyz", "/metrics"]
  private static let methods = "GET, HEAD, OPTIONS"

  /// Whether the path is one of the three.
  public func isFor(_ request: HTTPRequest) -> Bool { Self.paths.contains(request.path) }

  /// The answer, or nil when the path is none of the three.
  public func answer(_ request: HTTPRequest) async -> HTTPResponse? {
    guard isFor(request) else { return nil }
    switch request.method {
    case "GET", "HEAD": return await answer(to: request)
    case "OPTIONS": return HTTPResponse(status: 204, headers: [("Allow", Self.methods)])
    default:
      var refusal = HTTPResponse.text("\(request.method) is not possible here; use GET\n", status: 405)
      refusal.headers.append(("Allow", Self.methods))
      return refusal
    }
  }

  private func answer(to request: HTTPRequest) async -> HTTPResponse? {
    switch request.path {
    case "/healthz":
      return .text("alive\n")
    case "/readyz":
      var problems: [String] = []
      do {
        // What is asked stands in line behind a commit that may wait for a standby for ever.
        let why = try await Patience.wait(for: Self.databasePatience) { [store] in
          try await store.readOnlyReason() ?? ""
        }
        if why == nil { problems.append(DatabaseWatch.silence(Self.databasePatience)) }
        if let why, !why.isEmpty { problems.append("PostgreSQL is read-only: \(why)") }
      } catch { problems.append(ServerTrouble.named("PostgreSQL", error)) }
      do { try await redis.ping() } catch { problems.append(ServerTrouble.named("Redis", error)) }
      if let problem = problem() { problems.append(problem) }
      return problems.isEmpty
        ? .text("ready\n") : .text("not ready\n" + problems.joined(separator: "\n") + "\n", status: 503)
    case "/metrics":
      return HTTPResponse(
        status: 200, headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
        body: Array(metrics().utf8))
    default:
      return nil
    }
  }
}

/// Serves the health endpoints on their own address, where `SEVK_METRICS_ADDRESS` asks for it.
@LoopActor
public final class HealthService: ProcessService {
  public let name = "health endpoints"
  private let server: HTTPServer
  private let log: Log
  private let host: String

  public init(_ endpoints: HealthEndpoints, at address: (host: String, port: Int), log: Log) {
    self.log = log
    host = address.host
    server = HTTPServer(host: address.host, port: address.port, identifies: true) { request in
      await endpoints.answer(request) ?? .text("not found\n", status: 404)
    }
  }

  public func start() async throws {
    do { try server.start() } catch { throw StartError("\(error); check \(Setting.metricsAddress.variable)") }
    log.info("serving metrics", ["at": "\(host):\(server.port)"])
  }
  public func stop() async { await server.stop(grace: .seconds(1)) }
}
