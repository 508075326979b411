import EventLoop
import Foundation
import Glibc
import HTTPClient
import PrivateServers
import TestSupport
import Testing

/// What systemd is told by a process of a unit with `Type=notify` and `WatchdogSec=`.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct ServiceManagerTests {
  @Test func systemdHearsOfStartLifeAndStop() async throws {
    let sevk = try await Installation.make()
    let path = sevk.folder + "/notify"
    let systemd = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(systemd) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(systemd, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    func hear() async throws -> String {
      var bytes = [UInt8](repeating: 0, count: 100)
      while true {
        let count = recv(systemd, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        if count > 0 { return String(decoding: bytes[..<count], as: UTF8.self) }
        try await EventLoop.sleep(for: .milliseconds(5))
      }
    }

    let scheduler = try await sevk.start(
      "scheduler", environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "40000"])
    var heard: [String] = []
    for _ in 0..<4 { heard.append(try await hear()) }
    #expect(heard.sorted() == ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"])
    scheduler.signal(SIGTERM)
    var last = "WATCHDOG=1"
    while last == "WATCHDOG=1" { last = try await hear() }
    #expect(last == "STOPPING=1")
    #expect(scheduler.wait().code == 0)
    await sevk.stop()
  }

  /// With what its unit says, a gateway takes what providers post; with what theirs say, the others don't.
  @Test func theUnitForHooksTakesNotices() async throws {
    let sevk = try await Installation.make()
    try sevk.require(
      "dispatcher",
      [
        "provider", "add", "values", "--adapter", "dtone", "--base-url", "http://\(sevk.panel)", "--credential",
        "key=555",
        "--credential", "secret=panel-secret",
      ])
    func lines(_ unit: String) throws -> [String] {
      try String(contentsOfFile: Installation.checkout("ops/systemd/\(unit).service"), encoding: .utf8)
        .split(separator: "\n").map(String.init)
    }
    func status(_ unit: String) async throws -> Int {
      let lines = try lines(unit)
      let start = try #require(lines.first { $0.hasPrefix("ExecStart=/usr/bin/gateway ") })
      let arguments = start.split(separator: " ").dropFirst().map {
        $0 == "${SEVK_HOOKS_ADDRESS}" ? "127.0.0.1:0" : String($0)
      }
      let taken = lines.contains("UnsetEnvironment=SEVK_SECRET_KEY") ? ["SEVK_SECRET_KEY": ""] : [:]
      let gateway = try await sevk.start("gateway", arguments: arguments, environment: taken)
      let body = Array(#"{"external_id":"123456789012345678","id":7}"#.utf8)
      let reply = try await sevk.http.perform(
        HTTPClientRequest(
          method: "POST", url: "http://\(sevk.live)/hooks/providers/values", body: body, connection: .fresh))
      gateway.signal(SIGTERM)
      #expect(gateway.wait().code == 0)
      return reply.status
    }
    #expect(try lines("sevk-hooks").contains("Environment=SEVK_HOOKS_ADDRESS=127.0.0.1:8082"))
    #expect(try await status("sevk-hooks") == 202)
    #expect(try await status("sevk-gateway") == 503)
    await sevk.stop()
  }
}
