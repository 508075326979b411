import CommandLine
import Glibc
import YAML

/// The text of a set-up file as JSON values, whichever way it is written.
enum SetupDocument {
  /// More than the set-up of a thousand shops.
  static let bytesMax = 16 << 20

  /// - Parameter name: of the file; `-` is the standard input, which is taken for JSON where it begins with `{`.
  /// - Throws: ``UsageError`` that names the file, and where it can the line.
  static func read(_ name: String) throws(UsageError) -> JSONValue {
    guard let text = name == "-" ? standardInput() : readTextFile(name) else {
      throw UsageError("\(name): \(name == "-" ? "is not UTF-8 text" : FileTrouble(name).reason)")
    }
    guard text.utf8.count <= bytesMax else { throw UsageError("\(name) is larger than \(bytesMax) bytes") }
    let isYAML: Bool
    switch name.split(separator: ".").last.map({ $0.lowercased() }) {
    case "yaml"?, "yml"?: isYAML = true
    case "json"?: isYAML = false
    default: isYAML = text.first { !$0.isWhitespace } != "{"
    }
    return try value(of: text, isYAML: isYAML, name)
  }

  /// - Parameter name: for complaints.
  static func value(of text: String, isYAML: Bool, _ name: String) throws(UsageError) -> JSONValue {
    try isYAML ? yaml(text, name) : json(text, name)
  }

  /// Through the descriptor that is open: whoever handed it over could read a file that this user can't.
  private static func standardInput() -> String? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= bytesMax {
      let count = Glibc.read(0, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      bytes += buffer.prefix(count)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func json(_ text: String, _ name: String) throws(UsageError) -> JSONValue {
    let bytes = Array(text.utf8)
    do throws(JSONMistake) { return try JSONReader.read(bytes) } catch {
      let line = bytes.prefix(error.place).count { $0 == UInt8(ascii: "\n") } + 1
      throw UsageError("\(name): line \(line): \(error.text)")
    }
  }

  private static func yaml(_ text: String, _ name: String) throws(UsageError) -> JSONValue {
    do throws(YAMLNode.Mistake) { return value(try YAMLNode(reading: Array(text.utf8))) } catch {
      throw UsageError("\(name): \(error)")
    }
  }

  /// As YAML 1.2 has it: `no`, `off` and `1_000` are texts, whatever older readers made of them.
  private static func value(_ node: YAMLNode) -> JSONValue {
    switch node {
    case .scalar(let text, isPlain: false): return .string(text)
    case .scalar(let text, isPlain: true):
      switch text {
      case "", "~", "null": return .null
      case "true": return .bool(true)
      case "false": return .bool(false)
      default:
        // Only what is a number in JSON, and never one that another text would be as well.
        if let number = JSONValue(parsing: Array(text.utf8)), case .number = number { return number }
        return .string(text)
      }
    case .sequence(let nodes): return .array(nodes.map(value))
    case .mapping(let members):
      return .object(Dictionary(members.map { ($0.name, value($0.value)) }, uniquingKeysWith: { first, _ in first }))
    }
  }
}
