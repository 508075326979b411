internal import CYAML

/// A document of YAML as a tree, read strictly by libyaml: nothing that two readers may understand in two ways. An anchor,
/// an alias, a tag, a member that is there twice and a second document are refused.
public indirect enum YAMLNode: Sendable, Equatable {
  /// A text; whether it stood there without quotes, so that it may be a number or a truth value as well.
  case scalar(String, isPlain: Bool)
  case sequence([YAMLNode])
  /// Its members in their order.
  case mapping([(name: String, value: YAMLNode)])

  public static func == (one: YAMLNode, other: YAMLNode) -> Bool {
    switch (one, other) {
    case (.scalar(let a, let b), .scalar(let c, let d)): a == c && b == d
    case (.sequence(let a), .sequence(let b)): a == b
    case (.mapping(let a), .mapping(let b)): a.map(\.name) == b.map(\.name) && a.map(\.value) == b.map(\.value)
    default: false
    }
  }

  /// What is wrong, and where.
  public struct Mistake: Error, Equatable, CustomStringConvertible {
    public let text: String
    /// From 1.
    public let line: Int
    public var description: String { "line \(line): \(text)" }
  }

  /// Deeper than any file of people nests.
  static let depthMax = 32
  /// More than any file of people has.
  static let nodesMax = 200_000

  /// - Throws: ``Mistake`` that names the line.
  public init(reading bytes: [UInt8]) throws(Mistake) {
    let result = bytes.withUnsafeBufferPointer { buffer -> Result<YAMLNode, Mistake> in
      var reader = Reader(buffer)
      defer { reader.end() }
      do throws(Mistake) { return .success(try reader.document()) } catch { return .failure(error) }
    }
    self = try result.get()
  }

  /// Takes libyaml's events one by one.
  private struct Reader {
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private var event = yaml_event_t()
    private var nodes = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
      // It fails for lack of memory alone.
      _ = yaml_parser_initialize(parser)
      yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    mutating func end() {
      yaml_event_delete(&event)
      yaml_parser_delete(parser)
      parser.deallocate()
    }

    mutating func document() throws(Mistake) -> YAMLNode {
      try next()  // the stream
      try next()
      guard event.type == YAML_DOCUMENT_START_EVENT else { throw mistake("there is nothing in it") }
      try next()
      let root = try node(depth: 0)
      try next()  // the document's end
      try next()
      guard event.type == YAML_STREAM_END_EVENT else { throw mistake("a second document begins") }
      return root
    }

    /// Of the event that was read last; the last one read then is its end.
    private mutating func node(depth: Int) throws(Mistake) -> YAMLNode {
      nodes += 1
      guard depth < YAMLNode.depthMax, nodes <= YAMLNode.nodesMax else { throw mistake("it is too deep or too large") }
      guard sevk_yaml_has_extras(&event) == 0 else { throw mistake("anchors and tags are not taken") }
      switch event.type {
      case YAML_SCALAR_EVENT: return .scalar(scalar, isPlain: sevk_yaml_is_plain(&event) != 0)
      case YAML_SEQUENCE_START_EVENT:
        var items: [YAMLNode] = []
        try next()
        while event.type != YAML_SEQUENCE_END_EVENT {
          items.append(try node(depth: depth + 1))
          try next()
        }
        return .sequence(items)
      case YAML_MAPPING_START_EVENT: return .mapping(try members(depth: depth))
      default: throw mistake("aliases are not taken")
      }
    }

    private mutating func members(depth: Int) throws(Mistake) -> [(name: String, value: YAMLNode)] {
      var members: [(name: String, value: YAMLNode)] = []
      var names: Set<String> = []
      try next()
      while event.type != YAML_MAPPING_END_EVENT {
        guard event.type == YAML_SCALAR_EVENT, sevk_yaml_has_extras(&event) == 0 else {
          throw mistake("a member's name must be a text")
        }
        let name = scalar
        guard names.insert(name).inserted else { throw mistake("the member \"\(name.prefix(64))\" is there twice") }
        try next()
        members.append((name, try node(depth: depth + 1)))
        try next()
      }
      return members
    }

    private var scalar: String {
      mutating get {
        let count = sevk_yaml_length(&event)
        guard let text = sevk_yaml_text(&event) else { return "" }
        return text.withMemoryRebound(to: UInt8.self, capacity: count) {
          String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
        }
      }
    }

    private mutating func next() throws(Mistake) {
      yaml_event_delete(&event)
      guard yaml_parser_parse(parser, &event) != 0 else {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "it can't be read"
        throw Mistake(text: problem, line: Int(parser.pointee.problem_mark.line) + 1)
      }
    }

    private func mistake(_ text: String) -> Mistake { Mistake(text: text, line: Int(event.start_mark.line) + 1) }
  }
}
