import Testing

@testable import CommandLine
@testable import Orders
@testable import Telemetry

/// OpenTelemetry's environment variables.
@Suite struct TracingSettingsTests {
  private static let base = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://user:s3cret@collector.example:4318/otlp/"]

  private func read(_ variables: [String: String]) throws -> TracingSettings? {
    try TracingSettings { Self.base.merging(variables) { $1 }[$0] }
  }

  @Test func withoutAnEndpointNothingIsRead() throws {
    #expect(try TracingSettings { $0 == "OTEL_EXPORTER_OTLP_PROTOCOL" ? "grpc" : nil } == nil)
    #expect(try read(["OTEL_SDK_DISABLED": "TRUE", "OTEL_TRACES_SAMPLER": "nonsense"]) == nil)
    #expect(try read(["OTEL_TRACES_EXPORTER": "none"]) == nil)
    #expect(try read(["OTEL_EXPORTER_OTLP_ENDPOINT": ""]) == nil)
  }

  @Test func theGeneralEndpointIsABaseAndTheOneForTracesIsNot() throws {
    #expect(try read([:])?.url == "http://user:s3cret@collector.example:4318/otlp/v1/traces")
    let own = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://traces.example/here"]
    #expect(try read(own)?.url == "https://traces.example/here")
  }

  @Test func headersAndAttributesAreDecoded() throws {
    let settings = try #require(
      try read([
        "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20a%2Cb=, x-scope = 1", "OTEL_SERVICE_NAME": "shop",
        "OTEL_RESOURCE_ATTRIBUTES": "service.name=other,deployment.environment=%C5%9F",
      ]))
    #expect(settings.headers.map(\.0) == ["authorization", "x-scope"])
    #expect(settings.headers.map(\.1) == ["Bearer a,b=", "1"])
    #expect(settings.resource.map(\.0) == ["deployment.environment", "service.name"])
    #expect(settings.resource.map(\.1) == ["ş", "shop"])
    #expect(settings.timeout == .seconds(10) && settings.pause == .seconds(5))
  }

  @Test(arguments: [
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "http/json"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", "http/json"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "u:s3cret@x", "http"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://s3cret@", "http"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://u:s3cret@h:port", "http"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "s3cret", "percent-encoded"), ("OTEL_EXPORTER_OTLP_HEADERS", "a=s3cret%", "name="),
    ("OTEL_RESOURCE_ATTRIBUTES", "=s3cret", "name=value"), ("OTEL_TRACES_SAMPLER", "jaeger_remote", "parentbased_"),
    ("OTEL_TRACES_EXPORTER", "zipkin", "otlp"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "milliseconds"),
  ])
  func aWrongValueIsNamedAndNoSecretRepeated(_ name: String, _ value: String, _ word: String) throws {
    let error = #expect(throws: UsageError.self) { try read([name: value]) }
    let text = error?.description ?? ""
    #expect(text.contains(name) && text.contains(word) && !text.contains("s3cret"), "\(text)")
  }

  @Test func samplersDecideByTheTraceAlone() throws {
    let zero = TraceID(high: 1, low: 0xFF00_0000_0000_0000)
    let half = TraceID(high: 1, low: 0x0080_0000_0000_0000)
    func sampler(_ name: String?, _ argument: String? = nil) throws -> TraceSampler {
      try TraceSampler(name, argument: argument)
    }
    #expect(try sampler(nil).samples(zero, parent: nil) && !sampler(nil).samples(half, parent: false))
    #expect(try sampler("always_on").samples(zero, parent: false))
    #expect(try !sampler("always_off").samples(TraceID(high: 1, low: .max), parent: true))
    #expect(try sampler("parentbased_always_off").samples(zero, parent: true))
    #expect(try !sampler("parentbased_always_off").samples(half, parent: nil))
    let ratio = try sampler("parentbased_traceidratio", "0.5")
    #expect(ratio.samples(half, parent: nil) && !ratio.samples(zero, parent: nil) && ratio.samples(zero, parent: true))
    #expect(try !sampler("traceidratio", "0").samples(TraceID(high: 1, low: .max), parent: true))
    #expect(try sampler("traceidratio", "1").samples(zero, parent: nil))
    for wrong in ["1.1", "-1", "nan", "all"] {
      #expect(throws: UsageError.self) { try sampler("traceidratio", wrong) }
    }
  }

  @Test(arguments: [
    ("http://bayi.example/x", "bayi.example:80"), ("https://u:p@a@[::1]:8443?q", "[::1]:8443"),
    ("https://h#f", "h:443"), ("http://", nil), ("ftp://h", nil), ("http://h:99999", nil),
  ])
  func ofAURLOnlyHostAndPortAreShown(_ url: String, _ shown: String?) {
    #expect(ServerAddress(url: url)?.description == shown)
  }
}
