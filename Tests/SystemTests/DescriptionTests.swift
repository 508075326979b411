import API
import EventLoop
import Foundation
import HTTPClient
import Orders
import TestSupport
import Testing

@testable import Dispatcher
@testable import Gateway

/// `openapi.json` against the server: neither may know what the other does not.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct DescriptionTests {
  private static let methods: Set = ["get", "put", "post", "delete", "patch", "head", "options", "trace"]
  private let document: JSONValue
  private let schema: JSONSchema

  init() throws {
    document = try #require(JSONValue(parsing: Dispatcher.PackageResources.openapi_json))
    schema = JSONSchema(root: document)
  }

  /// The operation of a method and path template.
  private func operation(_ method: String, _ path: String) throws -> JSONValue {
    try #require(document["paths"]?[path]?[method.lowercased()], "\(method) \(path)")
  }

  private func operations() -> [(method: String, path: String, operation: JSONValue)] {
    (document["paths"]?.object ?? [:]).flatMap { path, item in
      (item.object ?? [:]).filter { Self.methods.contains($0.key) }.map { ($0.key.uppercased(), path, $0.value) }
    }
  }

  /// A response, also where it is one of several operations.
  private func response(_ status: Int, of operation: JSONValue) -> JSONValue? {
    let found = operation["responses"]?["\(status)"]
    return found?["$ref"]?.string.map { schema.resolve($0) } ?? found
  }

  @Test func everyRouteIsDescribedAndTheOtherWayRound() throws {
    let described = Set(operations().map { "\($0.method) \($0.path)" })
    let known = Set(
      Endpoint.allCases.map { "\($0.method) \($0.path)" }
        + (GatewayService.paths + ["/healthz", "/readyz", "/metrics"]).map { "GET \($0)" })
    #expect(described == known)
    for endpoint in Endpoint.allCases {
      let scopes = try operation(endpoint.method, endpoint.path)["security"]?.array ?? []
      let wanted = [endpoint.scope, endpoint.otherScope].compactMap { $0 }
      #expect(scopes.compactMap { $0["token"]?.array?.first?.string } == wanted, "\(endpoint)")
    }
    for path in GatewayService.paths {
      let scopes = try operation("GET", path)["security"]?.array ?? []
      #expect(scopes.compactMap { $0["token"]?.array?.first?.string } == GatewayService.scopes)
    }
    let types = schema.resolve("#/components/schemas/EventType")?["enum"]?.array?.compactMap(\.string)
    #expect(types == EventQuery.types)
    #expect(Set(schema.resolve("#/components/schemas/Status")?["enum"]?.array?.compactMap(\.string) ?? []).count == 9)
  }

  /// The codes stand in the code, in the description and in the page for shops; programs rely on them. Those of reasons
  /// stand in the runbook too, each on one line and no other.
  @Test func everyCodeIsListedEverywhere() throws {
    let page = try Repository.text("docs/shops.md")
    for (schema, codes) in [
      ("ProblemCode", ProblemCode.allCases.map(\.rawValue)), ("ReasonCode", ReasonCode.allCases.map(\.rawValue)),
    ] {
      let described = self.schema.resolve("#/components/schemas/\(schema)")?["enum"]?.array?.compactMap(\.string) ?? []
      #expect(Set(described) == Set(codes) && described.count == codes.count, "\(schema)")
      for code in codes { #expect(page.contains("`\(code)`"), "\(code) is not in docs/shops.md") }
    }
    let runbook = try Repository.text("ops/RUNBOOK.md")
    let table = try #require(runbook.split(separator: "| `reason_code` |").last?.split(separator: "\n\n").first)
    let cells = table.split(separator: "\n").dropFirst(2).compactMap { $0.split(separator: "|").first }
    let listed = cells.flatMap { $0.split(separator: "`", omittingEmptySubsequences: false) }.map(String.init)
      .filter { !$0.isEmpty && $0.allSatisfy { $0 == "_" || $0.isLowercase } }
    #expect(listed.sorted() == ReasonCode.allCases.map(\.rawValue).sorted(), "in the runbook")
  }

  @Test func itsExamplesAreWhatItsSchemasSay() {
    for (method, path, operation) in operations() {
      var contents: [(String, JSONValue)] =
        operation["requestBody"]?["content"]?.object.map { [("request", .object($0))] } ?? []
      for status in operation["responses"]?.object?.keys.sorted() ?? [] {
        let response = Int(status).flatMap { self.response($0, of: operation) }
        #expect(response != nil, "\(method) \(path) \(status) leads nowhere")
        if let content = response?["content"] { contents.append((status, content)) }
      }
      for (what, content) in contents {
        for (type, media) in content.object ?? [:] {
          for (name, example) in media["examples"]?.object ?? [:] {
            guard let rule = media["schema"], let value = example["value"] else { continue }
            let problems = schema.problems(value, rule)
            #expect(problems.isEmpty, "\(method) \(path) \(what) \(type) \(name): \(problems)")
          }
        }
      }
    }
  }

  @Test func theCheckerSeesWhatIsWrong() throws {
    let order = try #require(
      operation("POST", "/v1/orders")["responses"]?["201"]?["content"]?["application/json"]?["examples"]?["new"]?[
        "value"])
    let rule = try #require(schema.resolve("#/components/schemas/Order"))
    #expect(schema.problems(order, rule).isEmpty)
    let members = try #require(order.object)
    for (name, value) in [
      ("id", JSONValue.string("x")), ("status", .string("lost")), ("quantity", .number(0)), ("version", .string("1")),
      ("pins", .null), ("fields", .object(["a": .number(1)])), ("created_at", .string("yesterday")),
    ] {
      #expect(!schema.problems(.object(members.merging([name: value]) { $1 }), rule).isEmpty, "\(name)")
    }
    #expect(!schema.problems(.object(members.filter { $0.key != "status" }), rule).isEmpty)
    #expect(!schema.problems(.null, .object(["exclusiveMinimum": .number(1)])).isEmpty)
  }

  /// Sends what the examples say, provokes each error that can be, and holds the answers against the description.
  @Test func theServerAnswersAsDescribed() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    let served = try await sevk.call("GET", "/v1/openapi.json", token: nil)
    #expect(served.status == 200 && Array(served.text.utf8) == Dispatcher.PackageResources.openapi_json)

    // The examples first: one order after the other, so that each answer is a new order's.
    for path in ["/v1/orders", "/v1/orders:batch"] {
      let bodies =
        try operation("POST", path)["requestBody"]?["content"]?["application/json"]?["examples"]?.object ?? [:]
      #expect(!bodies.isEmpty)
      for (name, example) in bodies {
        let body = try #require(example["value"]?.text)
        let key = path == "/v1/orders" ? "example-\(name)" : nil
        try check(
          "POST", path, try await sevk.call("POST", path, body: body, key: key), path == "/v1/orders" ? 201 : 200)
      }
    }
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    let order = "/v1/orders/{id}"
    let reader = try sevk.createToken("pins:read")
    let boss = try sevk.createToken("orders:resolve")
    let limited = try sevk.createToken("orders:read", ["--rate", "1/s"])
    let hooks = try sevk.createToken("endpoints:write")
    let hook = "/v1/endpoints/{name}"
    let endpoint = #"{"url":"https://shop.example/sevk","types":["*"],"rate":"50/s"}"#
    let body = Installation.order(player: 1)
    let run = "/v1/runs/{id}"
    let many = #"{"filter":{"status":"completed"},"move":"failed","dry_run":true}"#
    let nobodys = #"{"filter":{"product":"none"},"move":"failed","dry_run":true}"#
    let huge = #"{"product":""# + String(repeating: "x", count: 70_000) + #""}"#
    let long = "/v1/orders?reference=" + String(repeating: "x", count: 20_000)
    let nobody = "/v1/orders/01a1fe45-7c1e-7b02-9d3c-2f6a5b1c8d01"
    let rows:
      [(method: String, template: String, path: String, body: String?, key: String?, token: String?, status: Int)] = [
        ("POST", "/v1/orders", "/v1/orders", body, "key-1", "own", 200),
        ("POST", "/v1/orders", "/v1/orders", "not json", "k", "own", 400),
        ("POST", "/v1/orders", "/v1/orders", body, nil, "own", 400),
        ("POST", "/v1/orders", "/v1/orders", body, "k", nil, 401),
        ("POST", "/v1/orders", "/v1/orders", body, "k", reader, 403),
        ("POST", "/v1/orders", "/v1/orders", Installation.order(player: 9), "key-1", "own", 409),
        ("POST", "/v1/orders", "/v1/orders", huge, "k", "own", 413),
        ("POST", "/v1/orders", "/v1/orders", "{}", "k", "own", 422),
        ("POST", "/v1/orders:batch", "/v1/orders:batch", "[", nil, "own", 400),
        ("POST", "/v1/orders:batch", "/v1/orders:batch", #"{"orders":[]}"#, nil, "own", 422),
        ("POST", "/v1/orders:batch", "/v1/orders:batch", #"{"orders":[5,{}]}"#, nil, "own", 200),
        ("POST", "/v1/orders:batch", "/v1/orders:batch", "{}", nil, reader, 403),
        ("GET", "/v1/orders", "/v1/orders?limit=2", nil, nil, "own", 200),
        ("GET", "/v1/orders", "/v1/orders?limit=2&after=\(id)", nil, nil, "own", 200),
        ("GET", "/v1/orders", "/v1/orders?limit=x", nil, nil, "own", 422),
        ("GET", "/v1/orders", "/v1/orders?updated_after=2026-11-29T13:00:00Z", nil, nil, "own", 200),
        ("GET", "/v1/orders", "/v1/orders?updated_after=yesterday", nil, nil, "own", 422),
        (
          "GET", "/v1/orders", "/v1/orders?idempotency_key=key-1&player=1&status=completed,failed", nil, nil, "own", 200
        ),
        ("GET", "/v1/orders", "/v1/orders?order=changed&player=1", nil, nil, "own", 422),
        ("GET", "/v1/orders:digest", "/v1/orders:digest?day=2026-11-29", nil, nil, "own", 200),
        ("GET", "/v1/orders:digest", "/v1/orders:digest", nil, nil, "own", 422),
        ("GET", "/v1/orders:digest", "/v1/orders:digest?day=2026-11-31", nil, nil, "own", 422),
        ("GET", "/v1/products", "/v1/products", nil, nil, "own", 200),
        ("GET", "/v1/products", "/v1/products?x=1", nil, nil, "own", 422),
        ("GET", "/v1/orders", long, nil, nil, "own", 431),
        ("GET", "/v1/orders", "/v1/orders", nil, nil, nil, 401),
        ("GET", "/v1/orders", "/v1/orders", nil, nil, reader, 403),
        ("GET", order, "/v1/orders/\(id)", nil, nil, "own", 200),
        ("GET", order, "/v1/orders/\(id)?include=pin", nil, nil, "own", 200),
        ("GET", order, "/v1/orders/\(id)?include=all", nil, nil, "own", 422),
        ("GET", order, nobody, nil, nil, "own", 404),
        ("GET", order, "/v1/orders/\(id)?include=pin", nil, nil, limited, 403),
        ("GET", order + "/timeline", "/v1/orders/\(id)/timeline", nil, nil, "own", 200),
        ("GET", order + "/timeline", nobody + "/timeline", nil, nil, "own", 404),
        ("POST", order + "/cancel", "/v1/orders/\(id)/cancel", nil, nil, "own", 409),
        ("POST", order + "/cancel", nobody + "/cancel", nil, nil, "own", 404),
        ("POST", order + "/refund-claim", "/v1/orders/\(id)/refund-claim", nil, nil, "own", 200),
        ("POST", order + "/refund-claim", nobody + "/refund-claim", nil, nil, "own", 404),
        ("POST", order + "/ask", "/v1/orders/\(id)/ask", nil, nil, "own", 202),
        ("POST", order + "/ask", "/v1/orders/\(id)/ask", nil, nil, "own", 429),
        ("POST", order + "/ask", nobody + "/ask", nil, nil, "own", 404),
        ("GET", order + "/moves", "/v1/orders/\(id)/moves", nil, nil, "own", 200),
        ("GET", order + "/moves", nobody + "/moves", nil, nil, "own", 404),
        ("POST", order + "/resolve", "/v1/orders/\(id)/resolve", #"{"failed":true,"note":"x"}"#, nil, boss, 409),
        ("POST", order + "/resolve", "/v1/orders/\(id)/resolve", "{}", nil, boss, 422),
        ("POST", order + "/resolve", "/v1/orders/\(id)/resolve", "{}", nil, "own", 403),
        ("POST", "/v1/orders:resolve", "/v1/orders:resolve", many, nil, boss, 200),
        ("POST", "/v1/orders:resolve", "/v1/orders:resolve", nobodys, nil, boss, 200),
        ("POST", "/v1/orders:resolve", "/v1/orders:resolve", #"{"filter":{"colour":"red"}}"#, nil, boss, 422),
        ("POST", "/v1/orders:resolve", "/v1/orders:resolve", many, nil, "own", 403),
        ("GET", "/v1/runs", "/v1/runs", nil, nil, boss, 200),
        ("GET", run, "/v1/runs/1", nil, nil, boss, 200),
        ("GET", run, "/v1/runs/x", nil, nil, boss, 404),
        ("POST", run + "/start", "/v1/runs/1/start", "{}", nil, boss, 422),
        ("POST", run + "/resume", "/v1/runs/1/resume", nil, nil, boss, 409),
        ("POST", run + "/start", "/v1/runs/1/start", #"{"note":"x","by":"ayse"}"#, nil, boss, 202),
        ("POST", run + "/start", "/v1/runs/1/start", #"{"note":"x"}"#, nil, boss, 409),
        ("POST", "/v1/orders:resolve", "/v1/orders:resolve", many, nil, boss, 200),
        ("POST", run + "/abort", "/v1/runs/2/abort", nil, nil, boss, 200),
        ("POST", run + "/abort", "/v1/runs/2/abort", nil, nil, boss, 409),
        ("GET", order, "/v1/orders/\(id)?wait=1s&until=never", nil, nil, "own", 422),
        ("GET", order, "/v1/orders/\(id)?wait=10s", nil, nil, "own", 200),
        ("GET", "/v1/events", "/v1/events?limit=2", nil, nil, "own", 200),
        ("GET", "/v1/events", "/v1/events?after=1&types=sevk.order.completed&order=\(id)", nil, nil, "own", 200),
        ("GET", "/v1/events", "/v1/events?after=x", nil, nil, "own", 422),
        ("GET", "/v1/events", "/v1/events?after=999999", nil, nil, "own", 422),
        ("GET", "/v1/events", "/v1/events", nil, nil, reader, 403),
        ("POST", "/v1/tickets", "/v1/tickets", nil, nil, "own", 201),
        ("POST", "/v1/tickets", "/v1/tickets", nil, nil, reader, 403),
        ("POST", "/v1/tickets", "/v1/tickets?for=me", nil, nil, "own", 422),
        ("PUT", hook, "/v1/endpoints/books", endpoint, nil, hooks, 201),
        ("PUT", hook, "/v1/endpoints/books", endpoint, nil, hooks, 200),
        ("PUT", hook, "/v1/endpoints/books", "{}", nil, hooks, 422),
        ("PUT", hook, "/v1/endpoints/books", "[", nil, hooks, 400),
        ("PUT", hook, "/v1/endpoints/books", endpoint, nil, "own", 403),
        ("GET", hook, "/v1/endpoints/books", nil, nil, hooks, 200),
        ("GET", hook, "/v1/endpoints/none", nil, nil, hooks, 404),
        ("GET", "/v1/endpoints", "/v1/endpoints", nil, nil, hooks, 200),
        ("POST", hook + "/test", "/v1/endpoints/books/test", nil, nil, hooks, 202),
        ("POST", hook + "/pause", "/v1/endpoints/books/pause", nil, nil, hooks, 200),
        ("POST", hook + "/test", "/v1/endpoints/books/test", nil, nil, hooks, 409),
        ("POST", hook + "/replay", "/v1/endpoints/books/replay", "{}", nil, hooks, 202),
        ("POST", hook + "/replay", "/v1/endpoints/books/replay", #"{"dry_run":true}"#, nil, hooks, 200),
        ("POST", hook + "/replay", "/v1/endpoints/books/replay", #"{"only":1}"#, nil, hooks, 422),
        ("GET", hook + "/deliveries", "/v1/endpoints/books/deliveries", nil, nil, hooks, 200),
        ("GET", hook + "/deliveries", "/v1/endpoints/books/deliveries?state=lost", nil, nil, hooks, 422),
        ("POST", "/v1/deliveries/{id}/resend", "/v1/deliveries/{delivery}/resend", nil, nil, hooks, 202),
        ("POST", "/v1/deliveries/{id}/resend", "/v1/deliveries/1/resend", nil, nil, hooks, 404),
        ("POST", hook + "/rotate-secret", "/v1/endpoints/books/rotate-secret", nil, nil, hooks, 200),
        ("POST", hook + "/resume", "/v1/endpoints/books/resume", nil, nil, hooks, 200),
        ("POST", hook + "/replay", "/v1/endpoints/books/replay", "{}", nil, hooks, 202),
      ]
    var delivery = ""
    for row in rows {
      let path = row.path.replacing("{delivery}", with: delivery)
      let answer = try await sevk.call(row.method, path, body: row.body, key: row.key, token: row.token)
      if row.path.hasSuffix("/test"), let id = answer.json["id"] as? String { delivery = id }
      try check(row.method, row.template, answer, row.status)
    }
    var answer: Installation.Answer
    repeat { answer = try await sevk.call("GET", "/v1/orders", token: limited) } while answer.status == 200
    try check("GET", "/v1/orders", answer, 429)
    let wrong = try await sevk.call("DELETE", "/v1/orders")
    #expect(wrong.status == 405 && wrong.header("Allow") == "GET, HEAD, POST, OPTIONS")

    sevk.redis.stop()
    for (path, status) in [("/healthz", 200), ("/readyz", 503), ("/metrics", 200)] {
      let answer = try await sevk.call("GET", path, token: nil)
      let described = try operation("GET", path)["responses"]?["\(status)"]
      #expect(answer.status == status && described != nil, "\(path)")
    }
    await sevk.stop()
  }

  private func check(_ method: String, _ path: String, _ answer: Installation.Answer, _ status: Int) throws {
    let what = "\(method) \(path): \(answer.status) \(answer.text.prefix(300))"
    #expect(answer.status == status, "\(what)")
    let described = try #require(response(answer.status, of: operation(method, path)), "\(what) is not described")
    let type = try #require(answer.header("Content-Type"), "\(what)")
    let rule = try #require(described["content"]?[type]?["schema"], "\(what): \(type) is not described")
    let value = try #require(JSONValue(parsing: Array(answer.text.utf8)), "\(what)")
    let problems = schema.problems(value, rule)
    #expect(problems.isEmpty, "\(what): \(problems)")
    for name in ["Retry-After", "RateLimit", "WWW-Authenticate", "Allow"] where answer.header(name) != nil {
      #expect(described["headers"]?[name] != nil, "\(what): the header \(name) is not described")
    }
    for name in ["Retry-After", "WWW-Authenticate"] where described["headers"]?[name] != nil {
      #expect(answer.header(name) != nil, "\(what): the header \(name) is missing")
    }
  }
}
