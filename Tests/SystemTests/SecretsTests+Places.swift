import EventLoop
import Foundation
import Postgres
import PrivateServers
import Redis
import TestSupport
import Testing

/// Where secrets are looked for.
extension SecretsTests {
  /// - Parameter words: what the test itself was told, by where.
  func findings(_ hunt: SecretHunt, _ sevk: Installation, _ words: [String: String] = [:]) async throws -> [String] {
    var findings = words.flatMap { hunt.findings(in: $0.key, $0.value) }
    for output in try sevk.outputs() {
      let text = try Data(contentsOf: URL(fileURLWithPath: output))
      findings += hunt.findings(in: output.split(separator: "/").last.map(String.init) ?? "", text)
    }
    findings += hunt.findings(in: "PostgreSQL", try sevk.dumpDatabase())
    findings += hunt.findings(in: "Redis", try await dumpRedis(sevk))
    for program in ["dispatcher", "worker", "scheduler", "gateway"] {
      guard let id = sevk.process(program)?.id else { continue }
      findings += hunt.findings(
        in: "command line of \(program)", try Data(contentsOf: URL(fileURLWithPath: "/proc/\(id)/cmdline")))
    }
    return findings
  }

  /// A hunt that finds nothing proves something only if it finds what is there.
  func checkThatHuntingFinds(_ hunt: SecretHunt, _ sevk: Installation) async throws {
    for secret in hunt.secrets {
      for (index, text) in (secret.escaped + [secret.beginning]).enumerated() {
        #expect(!hunt.findings(in: "", "x\(text)y").isEmpty, "\(secret.name), form \(index), would not be found")
      }
    }
    #expect(hunt.findings(in: "", "nothing of interest") == [])

    let planted = try #require(hunt.secrets.first)
    let client = try sevk.redis.client()
    let quoted = planted.text.replacing("'", with: "''")
    for (place, sql) in [
      ("PostgreSQL", "UPDATE tenants SET created_at = now(); COMMENT ON TABLE tenants IS '\(quoted)'"),
      ("PostgreSQL", "UPDATE events SET reason = encode('\(quoted)', 'base64')"),
    ] {
      let pool = PostgresPool(url: sevk.databaseURL, connectionsMax: 1)
      try await pool.script(sql)
      await pool.close()
      #expect(try await findings(hunt, sevk).contains { $0.hasPrefix("\(planted.name) in \(place):") })
    }
    for command: [RedisArgument] in [
      ["SET", "plant", .string(planted.encoded)], ["HSET", "plant", "field", .string(planted.text)],
      ["ZADD", "plant", 1, .string(planted.text)], ["RPUSH", "plant", .string(planted.text)],
      ["XADD", "plant", "*", "field", .string(planted.text)], ["SADD", "plant", .string(planted.text)],
      ["SET", .string("plant" + planted.text), "1"],
    ] {
      _ = try await client.command("DEL", "plant")
      _ = try await client.command(command)
      let found = hunt.findings(in: "Redis", try await dumpRedis(sevk))
      #expect(found.contains { $0.hasPrefix("\(planted.name) in Redis:") }, "\(command[0])")
      _ = try await client.command("DEL", "plant", .string("plant" + planted.text))
    }
    await client.close()
    let program = try sevk.command("worker", ["order", "show", planted.text])
    #expect(program.code == 1)
    #expect(try await findings(hunt, sevk).contains { $0.contains("in worker.") })
  }

  /// Every key with its value, as text.
  func dumpRedis(_ sevk: Installation) async throws -> String {
    let client = try sevk.redis.client()
    var text = ""
    var cursor = "0"
    repeat {
      let page = try await client.command("SCAN", .string(cursor), "COUNT", 1000).array ?? []
      cursor = page.first?.text ?? "0"
      for key in page.last?.array ?? [] {
        let name = RedisArgument.bytes(key.bytes ?? [])
        let value: RedisValue
        switch try await client.command("TYPE", name).text {
        case "string": value = try await client.command("GET", name)
        case "hash": value = try await client.command("HGETALL", name)
        case "zset": value = try await client.command("ZRANGE", name, 0, -1, "WITHSCORES")
        case "list": value = try await client.command("LRANGE", name, 0, -1)
        case "set": value = try await client.command("SMEMBERS", name)
        case "stream": value = try await client.command("XRANGE", name, "-", "+")
        // It ended since the page was read.
        case "none": continue
        case let type:
          Issue.record("a key of type \(type ?? "") is not looked into")
          continue
        }
        text += "\(key.text ?? "")\n\(Self.text(value))\n"
      }
    } while cursor != "0"
    await client.close()
    return text
  }

  private static func text(_ value: RedisValue) -> String {
    value.array.map { $0.map(text).joined(separator: "\n") } ?? value.text ?? "\(value)"
  }
}
