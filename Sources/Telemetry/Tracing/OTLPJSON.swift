import CommandLine
import Orders

/// Spans in OTLP's JSON: ids in hexadecimal, 64-bit numbers as strings, enumerations as numbers.
enum OTLPJSON {
  static func text(_ span: Span) -> String {
    let context = span.context
    var text = "{\"traceId\":\"\(context.traceID)\",\"spanId\":\"\(id(context.spanID))\""
    if let parent = span.parent { text += ",\"parentSpanId\":\"\(id(parent))\"" }
    if !context.state.isEmpty { text += ",\"traceState\":\(JSONText.quote(context.state))" }
    // The W3C flags: sampled, or nobody would read this.
    text += ",\"flags\":1,\"name\":\(JSONText.quote(span.name)),\"kind\":\(span.kind.rawValue)"
    text += ",\"startTimeUnixNano\":\"\(span.begunAt)\",\"endTimeUnixNano\":\"\(max(span.begunAt, span.endedAt))\""
    text += ",\"attributes\":\(attributes(span.attributes))"
    if span.isError { text += ",\"status\":{\"code\":2}" }
    return text + "}"
  }

  /// What stands before the spans of a request, and after them.
  static func frame(resource: [(String, Span.Value)], version: String) -> (before: String, after: String) {
    (
      "{\"resourceSpans\":[{\"resource\":{\"attributes\":\(attributes(resource))},\"scopeSpans\":[{\"scope\":"
        + "{\"name\":\"sevk\",\"version\":\(JSONText.quote(version))},\"spans\":[",
      "]}]}]}"
    )
  }

  /// 16 hexadecimal digits.
  private static func id(_ span: UInt64) -> String {
    let digits = String(span, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func attributes(_ attributes: [(String, Span.Value)]) -> String {
    JSONText.array(
      attributes.map { name, value in
        switch value {
        case .text(let text): "{\"key\":\(JSONText.quote(name)),\"value\":{\"stringValue\":\(JSONText.quote(text))}}"
        case .number(let number): "{\"key\":\(JSONText.quote(name)),\"value\":{\"intValue\":\"\(number)\"}}"
        }
      })
  }

  /// How many spans a collector says it did not take, though it answered 200.
  static func rejected(_ reply: [UInt8]) -> Int {
    let text = String(decoding: reply.prefix(4096), as: UTF8.self)
    guard let key = text.firstRange(of: "\"rejectedSpans\"") else { return 0 }
    // Protocol buffers write a 64-bit number as a string; some collectors don't.
    let digits = text[key.upperBound...].drop { " :\"\n\t".contains($0) }.prefix { $0.isNumber }
    return Int(digits) ?? 0
  }
}
