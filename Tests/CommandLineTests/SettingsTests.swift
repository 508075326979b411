import CommandLine
import Orders
import Testing

@Suite struct SettingsTests {
  private static let all = Setting.common + Setting.checks + [.httpAddress, .metricsAddress, .deliveryRetries]

  private func settings(_ flags: [String] = [], _ environment: [String: String] = [:]) throws -> Settings {
    Settings(try Arguments(flags, grammar: .init(values: Self.all.map(\.flag)))) { environment[$0] }
  }

  @Test func theFlagBeatsTheVariableBeatsTheDefault() throws {
    let variable = ["SEVK_LOG_LEVEL": "warning"]
    #expect(try settings().string(.logLevel) == "info")
    #expect(try settings([], variable).string(.logLevel) == "warning")
    #expect(try settings([], ["SEVK_LOG_LEVEL": ""]).string(.logLevel) == "info")
    #expect(try settings(["--log-level", "debug"], variable).string(.logLevel) == "debug")
  }

  @Test func flagsAreNamedAfterVariables() {
    #expect(Setting.checkBackoffMax.flag == "--check-backoff-max")
    #expect(Setting.redisURL.flag == "--redis-url")
    #expect(Set(Self.all.map(\.flag)).count == Self.all.count)
    #expect(Self.all.allSatisfy { $0.variable.hasPrefix("SEVK_") && !$0.meaning.isEmpty })
  }

  @Test func everyDefaultIsItselfValid() throws {
    let settings = try settings()
    #expect(
      try settings.checkSchedule()
        == CheckSchedule(
          first: .seconds(60), backoff: .seconds(30), backoffMax: .seconds(600), deadline: .seconds(86_400)))
    #expect(try settings.duration(.lease) == .seconds(30))
    #expect(try settings.duration(.shutdownGrace) == .seconds(25))
    #expect(try settings.integer(.concurrency, in: 1...100_000) == 256)
    #expect(try settings.address(.httpAddress) == ("127.0.0.1", 8080))
  }

  @Test func aMissingValueNamesBothWays() throws {
    let settings = try settings()
    let error = #expect(throws: UsageError.self) { try settings.string(.databaseURL) }
    #expect(error?.description.contains("SEVK_DATABASE_URL (or --database-url) is not set") == true)
  }

  @Test(arguments: ["", "30", "30 s", "1d", "-1s", "abc", "99999999999999999999s"])
  func wrongDurations(_ text: String) throws {
    let settings = try settings(["--lease", text])
    try expectBothNames(.lease, text) { _ = try settings.duration(.lease) }
  }

  @Test func durationsHaveALeast() throws {
    let settings = try settings(["--lease", "500ms", "--check-deadline=0s"])
    try expectBothNames(.lease, "at least 1s") { _ = try settings.duration(.lease, atLeast: .seconds(1)) }
    try expectBothNames(.checkDeadline, "at least 1ms") { _ = try settings.checkSchedule() }
    #expect(try settings.duration(.checkDeadline, atLeast: .zero) == .zero)
  }

  @Test func listsOfDurations() throws {
    let most = Duration.seconds(3600)
    #expect(try settings(["--delivery-retries", "250ms,1s,60m"]).durations(.deliveryRetries, upTo: most).count == 3)
    #expect(try settings().durations(.deliveryRetries, upTo: .seconds(36_000)).last == .seconds(36_000))
    for text in ["", "5", "5s,", ",5s", "5s, 6s", "5s;6s", "0s", "2h", "1s,2h", "off"] {
      let settings = try settings(["--delivery-retries", text])
      try expectBothNames(.deliveryRetries, "each of 1ms to 1h") {
        _ = try settings.durations(.deliveryRetries, upTo: most)
      }
    }
    let many = try settings(["--delivery-retries", Array(repeating: "1s", count: 21).joined(separator: ",")])
    try expectBothNames(.deliveryRetries, "at most 20 durations") {
      _ = try many.durations(.deliveryRetries, upTo: most)
    }
  }

  @Test(arguments: ["0", "101", "-1", "1.5", "ten", "", " 5", "99999999999999999999", "0x10"])
  func wrongNumbers(_ text: String) throws {
    let settings = try settings([], ["SEVK_CONCURRENCY": text.isEmpty ? " " : text])
    try expectBothNames(.concurrency, "a number from 1 to 100") { _ = try settings.integer(.concurrency, in: 1...100) }
  }

  @Test(arguments: [
    ("127.0.0.1:80", "127.0.0.1", 80), ("localhost:65535", "localhost", 65_535), ("[::1]:8080", "::1", 8080),
    ("0.0.0.0:0", "0.0.0.0", 0),
  ])
  func addresses(_ text: String, _ host: String, _ port: Int) throws {
    #expect(try settings(["--http-address", text]).address(.httpAddress) == (host, port))
  }

  @Test(arguments: ["", "8080", ":8080", "host", "host:", "host:65536", "host:-1", "host:http", "[::1]", "host:80/x"])
  func wrongAddresses(_ text: String) throws {
    let settings = try settings(["--http-address", text])
    try expectBothNames(.httpAddress, "an address such as 127.0.0.1:8080") { _ = try settings.address(.httpAddress) }
  }

  private func expectBothNames(
    _ setting: Setting, _ text: String, location: SourceLocation = #_sourceLocation, _ body: () throws -> Void
  ) throws {
    let error = try #require(throws: UsageError.self, sourceLocation: location) { try body() }
    let words = error.description
    #expect(
      words.contains(setting.variable) && words.contains(setting.flag) && words.contains(text), "\(words)",
      sourceLocation: location)
  }
}
