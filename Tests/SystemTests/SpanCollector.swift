import EventLoop
import Foundation
import HTTPServer
import Synchronization

/// A collector of one test: takes spans as OTLP's JSON and keeps them.
final class SpanCollector: Sendable {
  struct Span: Sendable, Equatable {
    let service: String
    let trace: String
    let id: String
    /// Empty for the first of a trace.
    let parent: String
    let state: String
    let name: String
    let kind: Int
    let attributes: [String: String]
  }

  private struct State {
    var text = ""
    var problems: [String] = []
    var authorizations: Set<String> = []
    var spans: [Span] = []
    var server: HTTPServer?
  }

  private let state = Mutex(State())
  private let answer: HTTPResponse?

  var spans: [Span] { state.withLock { $0.spans } }
  /// What is not as OTLP has it.
  var problems: [String] { state.withLock { $0.problems } }
  var authorizations: Set<String> { state.withLock { $0.authorizations } }
  /// All that came in.
  var text: String { state.withLock { $0.text } }

  /// - Parameter answer: instead of taking what comes.
  init(answer: HTTPResponse? = nil) { self.answer = answer }

  /// - Returns: the endpoint.
  func start() async throws -> String {
    let server = HTTPServer(host: "127.0.0.1", port: 0) { request in
      self.take(request)
      return self.answer ?? .text("{}")
    }
    try await server.start()
    state.withLock { $0.server = server }
    return "http://127.0.0.1:\(await server.port)"
  }

  func stop() async { await state.withLock { $0.server }?.stop(grace: .zero) }

  func spans(of trace: String) -> [Span] { spans.filter { $0.trace == trace } }

  private func take(_ request: HTTPRequest) {
    state.withLock { state in
      state.text += String(decoding: request.body, as: UTF8.self)
      state.authorizations.insert(request.header("authorization") ?? "")
      let whole = (try? JSONSerialization.jsonObject(with: Data(request.body))) as? [String: Any]
      guard request.path == "/v1/traces", request.header("content-type") == "application/json", let whole else {
        return state.problems.append("\(request.path) \(request.header("content-type") ?? "")")
      }
      for part in whole["resourceSpans"] as? [[String: Any]] ?? [] {
        let resource = Self.attributes((part["resource"] as? [String: Any])?["attributes"])
        for scope in part["scopeSpans"] as? [[String: Any]] ?? [] {
          for span in scope["spans"] as? [[String: Any]] ?? [] {
            if let problem = Self.problem(span) { state.problems.append(problem) }
            state.spans.append(
              Span(
                service: resource["service.name"] ?? "", trace: span["traceId"] as? String ?? "",
                id: span["spanId"] as? String ?? "", parent: span["parentSpanId"] as? String ?? "",
                state: span["traceState"] as? String ?? "", name: span["name"] as? String ?? "",
                kind: span["kind"] as? Int ?? 0, attributes: Self.attributes(span["attributes"])))
          }
        }
      }
    }
  }

  private static func attributes(_ json: Any?) -> [String: String] {
    var attributes: [String: String] = [:]
    for attribute in json as? [[String: Any]] ?? [] {
      let value = attribute["value"] as? [String: String]
      attributes[attribute["key"] as? String ?? ""] = value?["stringValue"] ?? value?["intValue"]
    }
    return attributes
  }

  /// What of a span is not as the JSON of OTLP has it; nil when all is.
  private static func problem(_ span: [String: Any]) -> String? {
    func isHex(_ name: String, _ count: Int) -> Bool {
      let text = span[name] as? String ?? ""
      return text.count == count && text.allSatisfy { "0123456789abcdef".contains($0) }
    }
    let known: Set = [
      "traceId", "spanId", "parentSpanId", "traceState", "flags", "name", "kind", "startTimeUnixNano",
      "endTimeUnixNano", "attributes", "status",
    ]
    let begun = UInt64(span["startTimeUnixNano"] as? String ?? "") ?? 0
    let ended = UInt64(span["endTimeUnixNano"] as? String ?? "") ?? 0
    let isRight =
      isHex("traceId", 32) && isHex("spanId", 16) && (span["parentSpanId"] == nil || isHex("parentSpanId", 16))
      && known.isSuperset(of: span.keys) && begun > 1_000_000_000_000_000_000 && ended >= begun
      && (1...5).contains(span["kind"] as? Int ?? 0)
    return isRight ? nil : "\(span)"
  }
}
