import Glibc
public import Orders

/// One configuration value: an environment variable that is also a flag.
public struct Setting: Sendable {
  /// Such as `SEVK_CHECK_BACKOFF`.
  public let variable: String
  /// Such as `--check-backoff`.
  public var flag: String {
    "--" + variable.dropFirst("SEVK_".count).lowercased().replacing("_", with: "-")
  }
  /// What it is, for `--help`.
  public let meaning: String
  /// Used when neither the flag nor the variable is given; nil when the program can't do without.
  public let fallback: String?

  public init(_ variable: String, _ meaning: String, default fallback: String? = nil) {
    self.variable = variable
    self.meaning = meaning
    self.fallback = fallback
  }

  public static let redisURL = Setting(
    "SEVK_REDIS_URL",
    "Redis: redis://[user:password@]host:port/db, rediss:// (TLS), unix:///path/to/socket,"
      + " redis+sentinel://[user:password@]host:port,host:port/MASTER/db or"
      + " redis+cluster://[user:password@]host:port,host:port", default: "redis://127.0.0.1:6379/0")
  public static let redisCA = Setting(
    "SEVK_REDIS_CA",
    "for rediss://: file with the CAs that may have signed Redis' certificate; else those of the system",
    default: "")
  public static let redisCertificate = Setting(
    "SEVK_REDIS_CERT", "for rediss://: file with the certificate that Redis is shown", default: "")
  public static let redisKey = Setting(
    "SEVK_REDIS_KEY", "for rediss://: file with the key to SEVK_REDIS_CERT", default: "")
  public static let sentinelUser = Setting(
    "SEVK_REDIS_SENTINEL_USER", "for redis+sentinel://: the user that the sentinels know", default: "")
  public static let sentinelPassword = Setting(
    "SEVK_REDIS_SENTINEL_PASSWORD", "for redis+sentinel://: the password that the sentinels want", default: "")
  /// Where Redis is, and how it is reached.
  public static let redis: [Setting] = [
    redisURL, redisCA, redisCertificate, redisKey, sentinelUser, sentinelPassword,
  ]
  public static let databaseURL = Setting(
    "SEVK_DATABASE_URL", "PostgreSQL: any libpq URI, such as postgres://sevk@db.example/sevk")
  public static let databaseStandby = Setting(
    "SEVK_DATABASE_STANDBY",
    "synchronous: commits wait for a standby, and worker doctor says when they do not; none; auto: synchronous where "
      + "SEVK_DATABASE_URL names several servers", default: "auto")
  public static let secretKey = Setting(
    "SEVK_SECRET_KEY",
    "encrypts PINs and credentials: 32 bytes in base64 (openssl rand -base64 32); of several after commas the one that the"
      + " database has marked as active encrypts, all decrypt")
  public static let httpAddress = Setting(
    "SEVK_HTTP_ADDRESS", "where orders come in, as host:port", default: "127.0.0.1:8080")
  public static let metricsAddress = Setting(
    "SEVK_METRICS_ADDRESS", "where /metrics, /healthz and /readyz are served, as host:port; off: not served",
    default: "off")
  public static let dashboardAddress = Setting(
    "SEVK_DASHBOARD_ADDRESS", "where the dashboard is served, as host:port; off: not served", default: "off")
  public static let gatewayAddress = Setting(
    "SEVK_GATEWAY_ADDRESS", "where live events are served, as host:port", default: "127.0.0.1:8081")
  public static let streamsPerToken = Setting(
    "SEVK_STREAMS_PER_TOKEN", "streams of events that one token may have open in each gateway", default: "10000")
  public static let streamsPerTenant = Setting(
    "SEVK_STREAMS_PER_TENANT", "streams of events that one tenant may have open in each gateway", default: "10000")
  public static let publicURL = Setting(
    "SEVK_PUBLIC_URL",
    "what links to the gateway begin with, those to orders' pages too, such as https://live.shop.example; http:// and its"
      + " address where it is not set",
    default: "")
  public static let logLevel = Setting("SEVK_LOG_LEVEL", "debug, info, warning or error", default: "info")
  public static let logFormat = Setting(
    "SEVK_LOG_FORMAT", "text or json; auto is text on a terminal, else json", default: "auto")
  public static let checkFirstDelay = Setting(
    "SEVK_CHECK_FIRST_DELAY", "from sending an order to the first question about it", default: "60s")
  public static let checkBackoff = Setting(
    "SEVK_CHECK_BACKOFF", "from the first question to the second; doubles from there", default: "30s")
  public static let checkBackoffMax = Setting(
    "SEVK_CHECK_BACKOFF_MAX", "longest pause between two questions", default: "10m")
  public static let checkDeadline = Setting(
    "SEVK_CHECK_DEADLINE", "from sending until a person is asked", default: "24h")
  public static let deliveryRetries = Setting(
    "SEVK_DELIVERY_RETRIES",
    "pauses after an event was not taken by an endpoint: after the first failure, the second, and so on; the last repeats",
    default: "5s,30s,5m,30m,2h,5h,10h")
  public static let lease = Setting(
    "SEVK_LEASE", "how long a job stays with a process that no longer answers", default: "30s")
  public static let concurrency = Setting(
    "SEVK_CONCURRENCY", "jobs under way at once in a process; one provider gets at most half of them", default: "256")
  public static let retention = Setting(
    "SEVK_RETENTION",
    "how long the wire exchanges and published events of an order are kept after it ended, such as 2160h; off: for ever",
    default: "off")
  public static let keyRetention = Setting(
    "SEVK_KEY_RETENTION",
    "how long after an order was posted its idempotency key is known, if it has ended; a repetition after that buys "
      + "again; off: for ever", default: "26280h")
  public static let pinPrintRetention = Setting(
    "SEVK_PIN_PRINT_RETENTION",
    "how long after an order ended another order with the same PIN is noticed; off: for ever", default: "26280h")
  public static let providerPrivateHosts = Setting(
    "SEVK_PROVIDER_PRIVATE_HOSTS",
    "private addresses that providers may have, after commas: hosts, addresses, ranges such as 10.1.0.0/16; or all, none",
    default: "none")
  public static let deadJobRetention = Setting(
    "SEVK_DEAD_JOB_RETENTION", "how long jobs stay in the dead set; off: for ever", default: "2160h")
  public static let actRetention = Setting(
    "SEVK_ACT_RETENTION",
    "how long what people did to providers, queues, jobs and many orders, and what they changed of the set-up, is kept;"
      + " off: for ever", default: "9600h")
  public static let shutdownGrace = Setting(
    "SEVK_SHUTDOWN_GRACE", "how long running jobs may go on after SIGTERM", default: "25s")

  /// Those whose value may be, or hold, a secret.
  static let holdingSecrets: Set<String> = [
    redisURL.variable, sentinelPassword.variable, databaseURL.variable, secretKey.variable,
  ]

  /// What every long-running process reads.
  public static let common: [Setting] =
    redis + [databaseURL, secretKey, logLevel, logFormat, lease, concurrency, shutdownGrace]
  /// What a scheduler drops, and when.
  public static let retentions: [Setting] = [
    retention, keyRetention, pinPrintRetention, deadJobRetention, actRetention,
  ]
  public static let checks: [Setting] = [checkFirstDelay, checkBackoff, checkBackoffMax, checkDeadline]
}

/// A mistake in how the program was called or configured; the text says what to do.
public struct UsageError: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// Values for settings: the flag first, then the variable, then the default.
public struct Settings: Sendable {
  private let arguments: Arguments
  private let environment: @Sendable (String) -> String?

  public init(
    _ arguments: Arguments, environment: @escaping @Sendable (String) -> String? = Settings.ofProcess
  ) {
    self.arguments = arguments
    self.environment = environment
  }

  /// Whether the flag or the variable is given.
  public func isGiven(_ setting: Setting) -> Bool {
    arguments.value(setting.flag) != nil || !(environment(setting.variable) ?? "").isEmpty
  }

  /// A variable that is not one of Sevk's own.
  public func variable(_ name: String) -> String? { environment(name) }

  /// A variable of the process's environment.
  public static func ofProcess(_ variable: String) -> String? { getenv(variable).map { String(cString: $0) } }

  public func string(_ setting: Setting) throws(UsageError) -> String {
    if let value = arguments.value(setting.flag) { return value }
    if let value = environment(setting.variable), !value.isEmpty { return value }
    if let value = setting.fallback { return value }
    throw UsageError("\(setting.variable) (or \(setting.flag)) is not set: \(setting.meaning)")
  }

  /// A secret: without a byte order mark before it and line ends behind it, as files leave them in variables.
  public func secret(_ setting: Setting) throws(UsageError) -> String {
    try SecretText.read(try string(setting), "\(setting.variable) (or \(setting.flag))")
  }

  /// A duration of at least `least`.
  public func duration(_ setting: Setting, atLeast least: Duration = .milliseconds(1)) throws(UsageError) -> Duration {
    let text = try string(setting)
    guard let duration = Duration(words: text) else {
      throw wrong(setting, text, "a duration such as 250ms, 30s, 10m or 24h")
    }
    guard duration >= least else { throw wrong(setting, text, "at least \(least.inWords)") }
    return duration
  }

  /// Durations after commas, each of 1 ms to `most`.
  public func durations(_ setting: Setting, upTo most: Duration) throws(UsageError) -> [Duration] {
    let text = try string(setting)
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    guard words.count <= Self.durationsMax else { throw wrong(setting, text, "at most \(Self.durationsMax) durations") }
    var durations: [Duration] = []
    for word in words {
      guard let duration = Duration(words: String(word)), duration >= .milliseconds(1), duration <= most else {
        throw wrong(setting, text, "durations with commas, such as 5s,30s,5m, each of 1ms to \(most.inWords)")
      }
      durations.append(duration)
    }
    return durations
  }
  private static let durationsMax = 20

  /// A duration of at least `least`, or nil for `off`.
  public func durationOrOff(_ setting: Setting, atLeast least: Duration) throws(UsageError) -> Duration? {
    let text = try string(setting)
    if text == "off" { return nil }
    guard let duration = Duration(words: text) else { throw wrong(setting, text, "off or a duration such as 2160h") }
    guard duration >= least else { throw wrong(setting, text, "off or at least \(least.inWords)") }
    return duration
  }

  public func integer(_ setting: Setting, in range: ClosedRange<Int>) throws(UsageError) -> Int {
    let text = try string(setting)
    guard let number = Int(text), range.contains(number) else {
      throw wrong(setting, text, "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// `host:port` or `[ipv6]:port`.
  public func address(_ setting: Setting) throws(UsageError) -> (host: String, port: Int) {
    let text = try string(setting)
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (0...65_535).contains(port), colon != text.startIndex
    else { throw wrong(setting, text, "an address such as 127.0.0.1:8080") }
    var host = text[..<colon]
    if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
    return (String(host), port)
  }

  public func wrong(_ setting: Setting, _ value: String, _ expected: String) -> UsageError {
    UsageError("\(setting.variable) (or \(setting.flag)) is \"\(value)\", but must be \(expected)")
  }

  /// Jobs under way at once.
  public func concurrency() throws(UsageError) -> Int { try integer(.concurrency, in: 1...100_000) }

  /// The check schedule.
  public func checkSchedule() throws(UsageError) -> CheckSchedule {
    CheckSchedule(
      first: try duration(.checkFirstDelay), backoff: try duration(.checkBackoff),
      backoffMax: try duration(.checkBackoffMax), deadline: try duration(.checkDeadline))
  }
}
