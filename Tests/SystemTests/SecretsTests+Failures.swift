import EventLoop
import Foundation
import Redis
import TestSupport
import Testing

/// What goes wrong, and what people look at then.
extension SecretsTests {
  /// Wrong and malformed settings with secrets in them.
  func failToStart(_ sevk: Installation) throws {
    let (secret, encoded) = (Self.wrong.text, Self.wrong.encoded)
    let socket = sevk.redis.socket
    let wrong: [(String, String)] = [
      ("SEVK_REDIS_URL", "unix://:\(encoded)@\(socket)"), ("SEVK_REDIS_URL", "unix://user:\(encoded)@\(socket)"),
      ("SEVK_REDIS_URL", "redis://:\(secret)@127.0.0.1:1/0"), ("SEVK_REDIS_URL", "redis://127.0.0.1:\(secret)"),
      ("SEVK_REDIS_URL", "\(encoded)://127.0.0.1"), ("SEVK_REDIS_URL", secret),
      ("SEVK_REDIS_URL", "redis://\(encoded)@127.0.0.1:1"), ("SEVK_REDIS_URL", "redis://h/\(encoded)"),
      ("SEVK_REDIS_URL", "rediss://:\(encoded)@127.0.0.1:1"),
      ("SEVK_REDIS_URL", "redis+sentinel://:\(encoded)@127.0.0.1:1/m"),
      ("SEVK_REDIS_SENTINEL_PASSWORD", secret),
      ("SEVK_DATABASE_URL", url(sevk, encoded)), ("SEVK_DATABASE_URL", url(sevk, secret)),
      ("SEVK_DATABASE_URL", "postgres://u:\(encoded)@127.0.0.1:\(encoded)/db"), ("SEVK_DATABASE_URL", encoded),
      ("SEVK_DATABASE_URL", "postgres://u:1?\(encoded)@h/db"), ("SEVK_DATABASE_URL", "postgres://u:1/\(encoded)@h/db"),
      ("SEVK_DATABASE_URL", "host=127.0.0.1 port=1 user=u password='\(encoded)"),
      ("SEVK_DATABASE_URL", "host=127.0.0.1 port=1 user=u password=x \(encoded)"),
      ("SEVK_SECRET_KEY", secret), ("SEVK_SECRET_KEY", "\(Self.key.text),\(encoded)"), ("SEVK_LEASE", "soon"),
      ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://u:\(encoded)@h:port"), ("OTEL_EXPORTER_OTLP_HEADERS", encoded),
      ("OTEL_EXPORTER_OTLP_HEADERS", "a=\(secret)%"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ]
    for (variable, value) in wrong {
      // A dispatcher starts all the same where Redis is only away.
      let isAway = value.hasPrefix("rediss://") || value.hasPrefix("redis+sentinel://")
      for (program, format) in [(isAway ? "scheduler" : "dispatcher", "text"), ("worker", "json")] {
        let environment = [variable: value, "SEVK_LOG_FORMAT": format, "SEVK_LOG_LEVEL": "debug"]
        let result = try sevk.command(program, ["run"], environment: environment)
        #expect(result.code != 0, "\(program) ran with \(variable)=\(value)")
      }
      let command: (String, [String])? =
        switch variable {
        case "SEVK_REDIS_URL": ("worker", ["queue", "list"])
        case "SEVK_DATABASE_URL": ("dispatcher", ["migrate"])
        default: nil
        }
      if let (program, words) = command { _ = try sevk.command(program, words, environment: [variable: value]) }
    }
    for credential in [secret, "sifre=@\(encoded)", "sifre=\(secret)"] {
      let result = try sevk.command(
        "dispatcher",
        ["provider", "add", "bad", "--adapter", "znet", "--base-url", "http://x", "--credential", credential])
      #expect(result.code == 64)
    }
    for address in ["http://u:\(encoded)@h", "http://h/?p=\(encoded)", "ftp://u:\(encoded)@h"] {
      let result = try sevk.command(
        "dispatcher",
        [
          "provider", "add", "bad", "--adapter", "znet", "--base-url", address, "--credential", "kod=1", "--credential",
          "sifre=\(encoded)",
        ])
      #expect(result.code == 64)
    }
  }

  /// Two of each process, so that what one format of the log hides the other shows.
  func startAllTwice(_ sevk: Installation) async throws {
    try await sevk.startAll()
    for program in ["scheduler", "worker", "dispatcher"] {
      let process = try sevk.spawn(program, ["run"], environment: ["SEVK_LOG_FORMAT": "text"])
      try await sevk.waitForLog(" started ", of: process)
    }
  }

  /// Redis and PostgreSQL drop everybody, and PostgreSQL takes the password no more for a while.
  ///
  /// - Returns: what the API said meanwhile.
  func loseServers(_ sevk: Installation) async throws -> String {
    let client = try sevk.redis.client()
    _ = try await client.command("CLIENT", "KILL", "TYPE", "normal")
    await client.close()
    try await setPassword(Self.wrong, sevk)
    var answers = ""
    func post() async throws -> Installation.Answer {
      let answer = try await sevk.call(
        "POST", "/v1/orders", body: Installation.order(player: 1, product: "echo"), key: "later")
      answers += answer.text
      return answer
    }
    while try await post().status < 500 {}
    answers += try await sevk.call("GET", "/readyz").text
    try await setPassword(Self.databasePassword, sevk)
    while try await post().status >= 500 { try await EventLoop.sleep(for: .milliseconds(20)) }
    return answers
  }

  func showEverything(_ sevk: Installation) throws {
    let commands = [
      ["job", "list"], ["queue", "list"], ["provider", "list"], ["provider", "list", "--json"],
      ["provider", "show", "echo"], ["provider", "show", "echo", "--json"], ["inspect", "stats", "--json"],
      ["inspect", "active"], ["inspect", "registered", "--json"], ["inspect", "scheduled"], ["inspect", "ping"],
      ["doctor"],
    ]
    for command in commands {
      let result = try sevk.command("worker", command)
      #expect(result.code != 64, "\(command): \(result.errors)")
    }
    for command in [["provider", "list"], ["provider", "test", "echo"], ["route", "list"], ["token", "list"]] {
      _ = try sevk.command("dispatcher", command)
    }
  }
}
