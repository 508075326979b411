public import CommandLine
import Orders

/// Where spans go and which are recorded, from OpenTelemetry's own environment variables.
public struct TracingSettings: Sendable {
  /// May hold a name and password: never printed.
  public let url: String
  /// May hold a token: never printed.
  let headers: [(String, String)]
  /// Attributes of the process, `service.name` among them where it is given.
  let resource: [(String, String)]
  let sampler: TraceSampler
  let timeout: Duration
  /// How long a span waits for others to go with it.
  let pause: Duration

  private static let timeoutDefault = Duration.seconds(10)
  private static let pauseDefault = Duration.seconds(5)
  private static let millisecondsMax = 600_000

  /// nil when no endpoint is set, or tracing is switched off: then nothing else is looked at.
  ///
  /// - Throws: ``UsageError`` that names the variable, and repeats no value that may be secret.
  public init?(_ variable: (String) -> String?) throws(UsageError) {
    func value(_ names: String...) -> (name: String, text: String)? {
      for name in names { if let text = variable(name), !text.isEmpty { return (name, text) } }
      return nil
    }
    guard value("OTEL_SDK_DISABLED")?.text.lowercased() != "true" else { return nil }
    guard let endpoint = value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT") else { return nil }
    if let exporter = value("OTEL_TRACES_EXPORTER") {
      if exporter.text == "none" { return nil }
      guard exporter.text == "otlp" else { throw UsageError("\(exporter.name) must be otlp or none, or not set") }
    }
    if let wanted = value("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL") {
      guard wanted.text == "http/json" else {
        throw UsageError(
          "\(wanted.name) is \"\(wanted.text)\", but spans are sent as http/json only: set it to that or take it away, "
            + "and give the collector's HTTP port (4318)")
      }
    }
    url = try Self.url(endpoint.name, endpoint.text)
    headers =
      try value("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")
      .map { given throws(UsageError) in try Self.pairs(given.name, given.text) } ?? []
    var resource =
      try value("OTEL_RESOURCE_ATTRIBUTES")
      .map { given throws(UsageError) in try Self.pairs(given.name, given.text) } ?? []
    if let name = value("OTEL_SERVICE_NAME") {
      resource.removeAll { $0.0 == "service.name" }
      resource.append(("service.name", name.text))
    }
    self.resource = resource
    sampler = try TraceSampler(value("OTEL_TRACES_SAMPLER")?.text, argument: value("OTEL_TRACES_SAMPLER_ARG")?.text)
    timeout =
      try Self.milliseconds(value("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"))
      ?? Self.timeoutDefault
    pause = try Self.milliseconds(value("OTEL_BSP_SCHEDULE_DELAY")) ?? Self.pauseDefault
  }

  /// The general endpoint is a base; the one for traces is used as it stands.
  private static func url(_ name: String, _ text: String) throws(UsageError) -> String {
    let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    guard isPlain, text.hasPrefix("http://") || text.hasPrefix("https://"), ServerAddress(url: text) != nil else {
      throw UsageError("\(name) must be a URL of http or https, such as http://127.0.0.1:4318")
    }
    if name == "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" { return text }
    guard !text.contains("?") else { throw UsageError("\(name) must have no ?: /v1/traces is added to it") }
    return (text.hasSuffix("/") ? String(text.dropLast()) : text) + "/v1/traces"
  }

  /// `name=value,name=value`, values percent-encoded (W3C Baggage).
  private static func pairs(_ name: String, _ text: String) throws(UsageError) -> [(String, String)] {
    var pairs: [(String, String)] = []
    for member in text.split(separator: ",") {
      let parts = member.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let key = parts[0].filter { $0 != " " }
      guard parts.count == 2, !key.isEmpty, let value = PercentEncoding.decode(parts[1].drop { $0 == " " }) else {
        throw UsageError("\(name) must be such as name=value,name=value, with commas and % in values percent-encoded")
      }
      pairs.append((key, value))
    }
    return pairs
  }

  private static func milliseconds(_ given: (name: String, text: String)?) throws(UsageError) -> Duration? {
    guard let given else { return nil }
    guard let number = Int(given.text), (1...millisecondsMax).contains(number) else {
      throw UsageError("\(given.name) is \"\(given.text)\", but must be milliseconds from 1 to \(millisecondsMax)")
    }
    return .milliseconds(number)
  }
}

private enum PercentEncoding {
  /// nil when a % is not followed by two hexadecimal digits, or the bytes are not UTF-8.
  static func decode(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
