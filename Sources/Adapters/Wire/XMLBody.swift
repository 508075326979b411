/// Builds an XML document of one level below `root/group` and its redacted twin from the same list, in the order of the calls.
struct XMLBody: WireBody {
  static let contentType = "application/xml"

  private let around: [String]
  private var members = ""
  private var shownMembers = ""

  /// - Parameter around: the elements that the members stand in, the outermost first.
  init(in around: [String]) { self.around = around }

  mutating func add(_ name: String, _ value: String) { append(name, Self.escaped(value), Self.escaped(value)) }

  mutating func add(_ name: String, secret value: String) { append(name, Self.escaped(value), RequestBuilder.dots) }

  var text: String { Self.head + wrapped(members) }

  var shown: String { wrapped(shownMembers) }

  private static let head = "<?xml version=\"1.0\" encoding=\"utf-8\"?>"

  private mutating func append(_ name: String, _ value: String, _ shownValue: String) {
    members += "<\(name)>\(value)</\(name)>"
    shownMembers += "<\(name)>\(shownValue)</\(name)>"
  }

  private func wrapped(_ inner: String) -> String {
    around.reversed().reduce(inner) { "<\($1)>\($0)</\($1)>" }
  }

  /// No value can end its element or begin another.
  static func escaped(_ value: String) -> String {
    var result = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&apos;"
      // A reader takes it for a line feed.
      case "\r": result += "&#13;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
