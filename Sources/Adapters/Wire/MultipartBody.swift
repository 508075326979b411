/// Builds a form with a file in it (RFC 7578).
struct MultipartBody {
  private let boundary: String
  private var parts: [UInt8] = []

  /// - Parameter file: in which the line between the parts must not stand.
  init(around file: [UInt8]) {
    var number = 0
    var boundary = ""
    repeat {
      number += 1
      boundary = "sevk-part-\(number)-of-a-form"
    } while Self.contains(Array(boundary.utf8), in: file)
    self.boundary = boundary
  }

  var contentType: String { "multipart/form-data; boundary=\(boundary)" }

  mutating func add(_ name: String, _ value: String) {
    begin("name=\"\(Self.quoted(name))\"", type: nil)
    parts += Array("\(value)\r\n".utf8)
  }

  mutating func add(_ name: String, file: [UInt8], name fileName: String, type: String) {
    begin("name=\"\(Self.quoted(name))\"; filename=\"\(Self.quoted(fileName))\"", type: Self.quoted(type))
    parts += file
    parts += Array("\r\n".utf8)
  }

  var bytes: [UInt8] { parts + Array("--\(boundary)--\r\n".utf8) }

  private mutating func begin(_ disposition: String, type: String?) {
    parts += Array("--\(boundary)\r\nContent-Disposition: form-data; \(disposition)\r\n".utf8)
    if let type { parts += Array("Content-Type: \(type)\r\n".utf8) }
    parts += Array("\r\n".utf8)
  }

  /// What would end the name, or its line, is left out.
  private static func quoted(_ text: String) -> String {
    String(text.unicodeScalars.filter { $0.value >= 0x20 && $0 != "\"" && $0 != "\\" && $0.value != 0x7F })
  }

  private static func contains(_ wanted: [UInt8], in bytes: [UInt8]) -> Bool {
    guard bytes.count >= wanted.count else { return false }
    return (0...bytes.count - wanted.count).contains { start in
      bytes[start] == wanted[0] && bytes[start..<start + wanted.count].elementsEqual(wanted)
    }
  }
}
