/// A place in a distributed trace: what the W3C headers `traceparent` and `tracestate` say.
public struct TraceContext: Sendable, Equatable, CustomStringConvertible {
  public let traceID: TraceID
  /// The step of the trace that whatever comes next is a child of; never 0.
  public let spanID: UInt64
  /// Whether whoever began the trace records it.
  public let isSampled: Bool
  /// What other tracing systems carry along, or empty. Passed on unread.
  public let state: String
  /// Whether the trace's id was made at random (W3C level 2); passed on.
  private let isRandom: Bool

  /// Longest `tracestate` that is passed on; W3C asks for no more.
  public static let stateBytesMax = 512
  /// The length of a `traceparent` of version 00.
  static let parentBytes = 55
  private static let stateMembersMax = 32

  public init(_ traceID: TraceID, span: UInt64, isSampled: Bool, isRandom: Bool = true, state: String = "") {
    self.traceID = traceID
    self.spanID = span
    self.isSampled = isSampled
    self.isRandom = isRandom
    self.state = state
  }

  /// The place of an order that came without a trace, with a span that nobody recorded.
  public init(_ order: OrderID) { self.init(TraceID(order), span: order.words.low, isSampled: false) }

  /// Reads the two headers; nil when `parent` is malformed, or one of its ids is all 0: then a new trace begins.
  ///
  /// - Parameter states: the values of all `tracestate` headers. What is too long or not simple (a name without a value,
  ///   a space inside) is left out, all of it: half of it would say something else.
  public init?(parent: String, states: [String] = []) {
    var parent = parent
    guard let parsed = parent.withUTF8({ Self.parse($0, isStored: false) }) else { return nil }
    self.init(parsed, state: Self.joined(states))
  }

  /// Reads what ``description`` wrote.
  public init?(stored text: String) {
    var text = text
    guard let parsed = text.withUTF8({ Self.parse($0, isStored: true) }) else { return nil }
    self.init(parsed, state: String(decoding: text.utf8.dropFirst(Self.parentBytes + 1), as: UTF8.self))
  }

  private init(_ parsed: (trace: TraceID, span: UInt64, flags: UInt64), state: String) {
    self.init(
      parsed.trace, span: parsed.span, isSampled: parsed.flags & 1 != 0, isRandom: parsed.flags & 2 != 0, state: state)
  }

  /// The same trace after the step `span`.
  public func after(span: UInt64, isSampled: Bool) -> TraceContext {
    TraceContext(traceID, span: span, isSampled: isSampled, isRandom: isRandom, state: state)
  }

  /// The header `traceparent`.
  public var parent: String {
    String(unsafeUninitializedCapacity: Self.parentBytes) { buffer in
      for (position, byte) in zip([0, 1, 2, 35, 52, 53], "00---0".utf8) { buffer[position] = byte }
      Hexadecimal.write(traceID.high, to: buffer, at: 3)
      Hexadecimal.write(traceID.low, to: buffer, at: 19)
      Hexadecimal.write(spanID, to: buffer, at: 36)
      buffer[54] = UInt8(ascii: "0") + (isSampled ? 1 : 0) + (isRandom ? 2 : 0)
      return Self.parentBytes
    }
  }

  /// As it is stored with an order: `traceparent`, and after a semicolon `tracestate` where there is one. No spaces: jobs
  /// of earlier versions carry it whole.
  public var description: String { state.isEmpty ? parent : "\(parent);\(state)" }

  /// A later version may have more after a dash; its beginning is read as version 00 (W3C).
  private static func parse(
    _ text: UnsafeBufferPointer<UInt8>, isStored: Bool
  ) -> (trace: TraceID, span: UInt64, flags: UInt64)? {
    let dash = UInt8(ascii: "-")
    guard text.count >= parentBytes, text[2] == dash, text[35] == dash, text[52] == dash,
      let version = Hexadecimal.read(text, 0..<2), version != 0xFF,
      let high = Hexadecimal.read(text, 3..<19), let low = Hexadecimal.read(text, 19..<35), high | low != 0,
      let span = Hexadecimal.read(text, 36..<52), span != 0, let flags = Hexadecimal.read(text, 53..<55)
    else { return nil }
    if text.count > parentBytes {
      guard isStored ? text[parentBytes] == UInt8(ascii: ";") : version > 0 && text[parentBytes] == dash else {
        return nil
      }
    }
    return (TraceID(high: high, low: low), span, flags)
  }

  private static func joined(_ states: [String]) -> String {
    let blanks: Set<UInt8> = [0x20, 0x09]
    var members: [String] = []
    for member in states.flatMap({ $0.utf8.split(separator: UInt8(ascii: ",")) }) {
      let member = member.drop { blanks.contains($0) }
      guard let end = member.lastIndex(where: { !blanks.contains($0) }) else { continue }
      let bytes = member[...end]
      guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }), bytes.first != UInt8(ascii: "="),
        bytes.contains(UInt8(ascii: "="))
      else { return "" }
      members.append(String(decoding: bytes, as: UTF8.self))
    }
    let state = members.joined(separator: ",")
    return members.count <= stateMembersMax && state.utf8.count <= stateBytesMax ? state : ""
  }
}
