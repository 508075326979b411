import Orders

/// An object that is written field by field: for what is answered to each order, where no text is made twice.
public struct JSONObjectText {
  private static let bytesUsual = 768

  private var bytes: [UInt8]

  public init() {
    bytes = [UInt8(ascii: "{")]
    bytes.reserveCapacity(Self.bytesUsual)
  }

  /// A field that is a string; none for nil.
  public mutating func add(_ key: String, _ value: String?) {
    guard let value else { return }
    begin(key)
    bytes.append(jsonQuoted: value)
  }

  /// A field that is JSON already.
  public mutating func add(_ key: String, json: String) {
    begin(key)
    bytes.append(contentsOf: json.utf8)
  }

  private mutating func begin(_ key: String) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    bytes.append(jsonQuoted: key)
    bytes.append(UInt8(ascii: ":"))
  }

  public consuming func end() -> String {
    bytes.append(UInt8(ascii: "}"))
    return String(decoding: bytes, as: UTF8.self)
  }
}
