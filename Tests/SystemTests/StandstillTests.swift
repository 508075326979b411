import EventLoop
import Foundation
import Glibc
import HTTPClient
import Postgres
import PrivateServers
import TestSupport
import Testing

/// What stands still outside of a process, and once stopped its loop: who reads its log, and a name server.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct StandstillTests {
  /// A pipe that is full from the beginning.
  @Test(arguments: ["dispatcher", "scheduler", "worker"])
  func aLogThatNobodyReadsStopsNothing(_ program: String) async throws {
    let sevk = try await Installation.make()
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let block = [UInt8](repeating: UInt8(ascii: "\n"), count: 4096)
    var room = pollfd(fd: ends[1], events: Int16(POLLOUT), revents: 0)
    while poll(&room, 1, 0) == 1 { _ = Glibc.write(ends[1], block, block.count) }

    let address = "127.0.0.1:\(try FreePort.find())"
    let variable = program == "dispatcher" ? "SEVK_HTTP_ADDRESS" : "SEVK_METRICS_ADDRESS"
    let process = try ChildProgram(
      "\(Installation.binaries)/\(program)", ["run", "--log-level", "debug"],
      environment: sevk.environment.merging([variable: address]) { $1 }, folder: sevk.folder, errorsTo: ends[1])
    // Lines that it has to write, one each.
    for _ in 0..<3 {
      try await sevk.healthy(address)
      process.signal(SIGHUP)
    }
    let metrics = try await sevk.http.perform(
      HTTPClientRequest(method: "GET", url: "http://\(address)/metrics", connection: .fresh))
    #expect(String(decoding: metrics.body, as: UTF8.self).contains("sevk_log_lines_dropped_total 0"))
    process.signal(SIGTERM)
    #expect(process.wait().code == 0)
    await sevk.stop()
  }

  /// The name of both servers, whose connections all break while nobody answers for it.
  @Test func aNameServerThatHangsStopsNothing() async throws {
    let sevk = try await Installation.make(ownPostgres: true)
    let redisPort = try FreePort.find()
    let redis = try PrivateServer()
    defer { redis.remove() }
    try await redis.launch("/usr/bin/redis-server", ["--port", "\(redisPort)", "--save", "", "--dir", redis.folder])
    let admin = PostgresPool(url: sevk.databaseURL, connectionsMax: 1)
    try await admin.script(
      "CREATE ROLE \(PrivatePostgres.user) SUPERUSER LOGIN PASSWORD '\(PrivatePostgres.password)'")
    let database = sevk.databaseURL.split(separator: "?")[0].split(separator: "/").last ?? ""
    sevk.setEnvironment(
      "SEVK_DATABASE_URL",
      sevk.postgres.tcpURL(database: String(database)).replacing("@127.0.0.1:", with: "@localhost:"))
    sevk.setEnvironment("SEVK_REDIS_URL", "redis://localhost:\(redisPort)/0")
    let shim = "\(sevk.folder)/shim"
    try Data(count: 24).write(to: URL(fileURLWithPath: shim))
    let dispatcher = try await sevk.start(
      "dispatcher", environment: ["LD_PRELOAD": "\(Installation.binaries)/libChaosShim.so", "CHAOS_SHIM": shim])

    #expect(try await sevk.call("GET", "/readyz").status == 200)
    try Self.setNamesHang(true, in: shim)
    redis.end()
    try await Self.endSessions(admin)
    while try await sevk.call("GET", "/readyz").status != 503 { try await sevk.healthy(sevk.api) }
    for _ in 0..<20 { try await sevk.healthy(sevk.api) }
    #expect(try await sevk.call("POST", "/v1/orders", body: Installation.order(player: 1), key: "k").status == 503)
    // It answers again, and the servers are found.
    try await redis.launch("/usr/bin/redis-server", ["--port", "\(redisPort)", "--save", "", "--dir", redis.folder])
    try Self.setNamesHang(false, in: shim)
    while try await sevk.call("GET", "/readyz").status != 200 { try await sevk.healthy(sevk.api) }
    _ = try await sevk.post(player: 2)
    // Nor is a process kept from ending.
    try Self.setNamesHang(true, in: shim)
    redis.end()
    try await Self.endSessions(admin)
    while try await sevk.call("GET", "/readyz").status != 503 { try await sevk.healthy(sevk.api) }
    dispatcher.signal(SIGTERM)
    #expect(dispatcher.wait().code == 0)
    await admin.close()
    await sevk.stop()
  }

  private static func setNamesHang(_ isHanging: Bool, in shim: String) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: shim))
    // The third word of `ChaosShim.h`.
    try file.seek(toOffset: 16)
    try file.write(contentsOf: Data([isHanging ? 1 : 0]))
    try file.close()
  }

  private static func endSessions(_ admin: PostgresPool) async throws {
    let end = PostgresStatement(
      name: "",
      sql: """
        SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND usename = $1
        """)
    _ = try await admin.run(end, [.text(PrivatePostgres.user)])
  }
}

extension Installation {
  /// Waits until a process answers, and sees that it is alive.
  fileprivate func healthy(_ address: String) async throws {
    while true {
      let request = HTTPClientRequest(method: "GET", url: "http://\(address)/healthz", connection: .fresh)
      do {
        let reply = try await http.perform(request)
        #expect(reply.status == 200)
        return
      } catch let error as HTTPClientError where error.reach == .notSent {
        // It is starting.
        try await EventLoop.sleep(for: .milliseconds(10))
      }
    }
  }
}
