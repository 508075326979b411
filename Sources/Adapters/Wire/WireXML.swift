internal import CExpat
import Orders

/// A provider's XML as a tree, read strictly: a document type, an entity of its own, a second root, text beside elements, what is too
/// deep or too much is no XML. Attributes, comments and instructions say nothing here. Read by Expat; a pure function of bytes.
struct WireXML: Sendable, Equatable {
  let name: String
  /// What stands in it, where that is no element; with its blanks. Empty where elements stand in it.
  let text: String
  let children: [WireXML]

  /// Deeper than any provider nests.
  private static let depthMax = 16
  /// More than any list of a provider has.
  private static let elementsMax = 200_000

  /// Nil when the bytes are not one document, perhaps with a byte order mark and blanks around it.
  ///
  /// The encoding that it names counts for nothing: it is UTF-8 or, where it can't be, Windows-1254.
  init?(_ bytes: [UInt8]) {
    var body = bytes[...]
    if body.starts(with: [0xEF, 0xBB, 0xBF]) { body.removeFirst(3) }
    while let first = body.first, [0x20, 0x09, 0x0A, 0x0D].contains(first) { body.removeFirst() }
    guard body.first == UInt8(ascii: "<"),
      let text = String(validating: body, as: UTF8.self) ?? Windows1254.decode(body),
      let root = Reader.read(Array(text.utf8))
    else { return nil }
    self = root
  }

  init(name: String, text: String, children: [WireXML]) {
    (self.name, self.text, self.children) = (name, text, children)
  }

  /// The element of that name; nil where there is none or more than one, since which of them counts nobody knows.
  subscript(name: String) -> WireXML? {
    let found = children.filter { $0.name.utf8.elementsEqual(name.utf8) }
    return found.count == 1 ? found[0] : nil
  }

  /// Whether a name stands twice among its elements, however it is spelled: `siparisNo` and `SIPARISNO` too.
  var hasTwins: Bool { Set(children.map { $0.name.folded }).count < children.count }

  /// As XML again.
  var written: String {
    let inner = children.isEmpty ? XMLBody.escaped(text) : children.map(\.written).joined()
    return "<\(name)>\(inner)</\(name)>"
  }

  /// What Expat calls while it reads.
  private final class Reader {
    private struct Open {
      let name: String
      var text: [UInt8] = []
      var children: [WireXML] = []
    }

    private var open: [Open] = []
    private var root: WireXML?
    private var elements = 0
    private let parser: XML_Parser

    private init?() {
      // The name overrules what the document says of its encoding: the bytes were decoded before.
      guard let made = XML_ParserCreate("UTF-8") else { return nil }
      parser = made
    }

    deinit { XML_ParserFree(parser) }

    static func read(_ bytes: [UInt8]) -> WireXML? {
      guard let reader = Reader(), let count = Int32(exactly: bytes.count) else { return nil }
      return withExtendedLifetime(reader) {
        XML_SetUserData(reader.parser, Unmanaged.passUnretained(reader).toOpaque())
        XML_SetElementHandler(
          reader.parser, { data, name, _ in Reader.of(data)?.begin(name) }, { data, _ in Reader.of(data)?.end() })
        XML_SetCharacterDataHandler(reader.parser) { data, text, count in Reader.of(data)?.add(text, count) }
        // With it come entities, and what they may grow to.
        XML_SetStartDoctypeDeclHandler(reader.parser) { data, _, _, _, _ in Reader.of(data)?.refuse() }
        let status = bytes.withUnsafeBytes {
          XML_Parse(reader.parser, $0.baseAddress?.assumingMemoryBound(to: CChar.self), count, 1)
        }
        return status == XML_STATUS_OK ? reader.root : nil
      }
    }

    private static func of(_ data: UnsafeMutableRawPointer?) -> Reader? {
      data.map { Unmanaged<Reader>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Ends the reading: `XML_Parse` then answers with an error.
    private func refuse() { XML_StopParser(parser, 0) }

    private func begin(_ name: UnsafePointer<CChar>?) {
      elements += 1
      guard open.count < WireXML.depthMax, elements <= WireXML.elementsMax, let name else { return refuse() }
      open.append(Open(name: String(cString: name)))
    }

    private func add(_ text: UnsafePointer<CChar>?, _ count: Int32) {
      guard let text, !open.isEmpty else { return }
      text.withMemoryRebound(to: UInt8.self, capacity: Int(count)) {
        open[open.count - 1].text.append(contentsOf: UnsafeBufferPointer(start: $0, count: Int(count)))
      }
    }

    private func end() {
      guard let done = open.popLast(), let text = String(validating: done.text, as: UTF8.self) else { return refuse() }
      guard done.children.isEmpty || text.withoutBlanks.isEmpty else { return refuse() }
      let element = WireXML(name: done.name, text: done.children.isEmpty ? text : "", children: done.children)
      if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
    }
  }
}
