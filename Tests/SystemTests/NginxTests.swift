import EventLoop
import Foundation
import PrivateServers
import TestSupport
import Testing

/// `ops/nginx/sevk.conf` as it is, but for addresses, files and the name of the host.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct NginxTests {
  /// Where `ops/prepare --tests` unpacks it; a Debian that has it installed has it elsewhere.
  private static let programs = ["\(Repository.root)/.build/tools/usr/sbin/nginx", "/usr/sbin/nginx"]

  private let sevk: Installation
  private let port: Int

  init() async throws {
    sevk = try await Installation.make()
    port = try #require(Self.freePort())
  }

  private static func freePort() -> Int? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    } ? Int(UInt16(bigEndian: address.sin_port)) : nil
  }

  private func startNginx(_ dispatchers: [String], _ gateway: String) throws -> ChildProgram {
    guard let program = Self.programs.first(where: { access($0, X_OK) == 0 }) else {
      throw ChildProgram.Failure("nginx is missing; run: ops/prepare --tests")
    }
    let made = try ChildProgram.run(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
        "subjectAltName=DNS:localhost", "-keyout", "\(sevk.folder)/key.pem", "-out", "\(sevk.folder)/cert.pem",
      ], environment: [:], folder: sevk.folder)
    try #require(made.code == 0, "\(made.errors)")
    var text = try String(contentsOfFile: "\(Repository.root)/ops/nginx/sevk.conf", encoding: .utf8)
    for (from, to) in [
      ("127.0.0.1:8080", dispatchers[0]), ("127.0.0.1:8088", dispatchers[1]), ("127.0.0.1:8081", gateway),
      ("127.0.0.1:8082", gateway),
      ("/etc/ssl/certs/sevk.pem", "\(sevk.folder)/cert.pem"), ("/etc/ssl/private/sevk.key", "\(sevk.folder)/key.pem"),
      ("api.shop.example", "localhost"), ("/var/log/nginx/sevk.log", "\(sevk.folder)/access.log"),
      ("  listen 443 ", "  listen 127.0.0.1:\(port) "), ("  listen [::]:443 ssl http2;\n", ""),
      ("  listen 80; ", "  listen unix:\(sevk.folder)/plain; "), ("  listen [::]:80;\n", ""),
    ] {
      #expect(text.contains(from), "\(from)")
      text = text.replacing(from, with: to)
    }
    let folder = sevk.folder
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder)/\($0);" }
    try """
    daemon off; master_process off; error_log stderr; pid \(folder)/nginx.pid;
    events {}
    http { access_log off; \(temporary.joined(separator: " "))
    \(text)
    }
    """.write(toFile: "\(folder)/nginx.conf", atomically: true, encoding: .utf8)
    return try ChildProgram(
      program, ["-p", folder, "-e", "stderr", "-c", "\(folder)/nginx.conf"], environment: [:], folder: folder)
  }

  /// What curl says: the answer's body, and behind it a line with its status.
  private func curl(_ path: String, _ more: String...) throws -> (status: String, body: String) {
    let result = try ChildProgram.run(
      "/usr/bin/curl",
      [
        "-sS", "--max-time", "10", "--cacert", "\(sevk.folder)/cert.pem", "-w", "\n%{http_code}",
        "https://localhost:\(port)\(path)",
      ] + more, environment: [:], folder: sevk.folder)
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    return (String(lines.last ?? ""), lines.dropLast().joined(separator: "\n"))
  }

  private func post(_ player: Int) throws -> String {
    try curl(
      "/v1/orders", "-H", "Authorization: Bearer \(sevk.token)", "-H", "Idempotency-Key: order-\(player)", "-d",
      Installation.order(player: player)
    ).status
  }

  @Test func ordersAndEventsGoThroughAndARestartIsNotSeen() async throws {
    for program in ["scheduler", "gateway"] { try await sevk.start(program) }
    var addresses: [String] = []
    for _ in 0..<2 {
      try await sevk.start("dispatcher")
      addresses.append(sevk.api)
    }
    let nginx = try startNginx(addresses, sevk.live)
    defer {
      nginx.signal(SIGKILL)
      nginx.wait()
    }
    try await sevk.wait(for: "nginx", of: nginx) { (try? self.curl("/healthz").status) == "200" }
    #expect(try post(1) == "201")
    for path in ["/metrics", "/readyz", "/", "/v1"] { #expect(try curl(path).status == "404", "\(path)") }
    // One of the two goes, in any order, and no shop sees it.
    sevk.kill("dispatcher")
    for player in 2..<12 { #expect(try post(player) == "201") }
    // Events come while the answer goes on: curl ends by its own time.
    let stream = try curl(
      "/v1/events/stream?after=0", "-N", "--max-time", "3", "-H", "Authorization: Bearer \(sevk.token)")
    #expect(stream.body.contains("event: sevk.order."), "\(stream)")
    let socket = try curl(
      "/v1/events/ws", "--http1.1", "--max-time", "2", "-H", "Authorization: Bearer \(sevk.token)", "-H",
      "Connection: Upgrade", "-H", "Upgrade: websocket", "-H", "Sec-WebSocket-Version: 13", "-H",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "-H", "Sec-WebSocket-Protocol: sevk.events.v1")
    #expect(socket.status == "101", "\(socket)")
    // The customer's page with its socket; its address is in no log.
    let order = try curl("/v1/orders?limit=1", "-H", "Authorization: Bearer \(sevk.token)").body
    let page = try #require(order.firstMatch(of: /\/o\/[\w-]{43}/)).0
    #expect(try curl(String(page), "-H", "Accept: text/html").body.contains("<main>"))
    #expect(try curl("/o/app.js").status == "200")
    let live = try curl(
      "\(page)/ws", "--http1.1", "--max-time", "2", "-H", "Connection: Upgrade", "-H", "Upgrade: websocket", "-H",
      "Sec-WebSocket-Version: 13", "-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    #expect(live.status == "101", "\(live)")
    // What a query may hold is not in the log.
    let log = try String(contentsOfFile: "\(sevk.folder)/access.log", encoding: .utf8)
    #expect(log.contains("\"GET /v1/events/stream\" 200") && !log.contains("after="))
    #expect(log.contains("\"GET /o/-\" 200") && !log.contains(page) && !nginx.errors.contains(page), "\(log)")
    await sevk.stop()
  }
}
