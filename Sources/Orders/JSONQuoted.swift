extension StringProtocol {
  /// As a JSON string, with its quotes: no text can end itself or begin something else.
  public var jsonQuoted: String {
    var json: [UInt8] = [UInt8(ascii: "\"")]
    json.reserveCapacity(utf8.count + 2)
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "\""): json += Array("\\\"".utf8)
      case UInt8(ascii: "\\"): json += Array("\\\\".utf8)
      case UInt8(ascii: "\n"): json += Array("\\n".utf8)
      case UInt8(ascii: "\r"): json += Array("\\r".utf8)
      case UInt8(ascii: "\t"): json += Array("\\t".utf8)
      case 0..<0x20:
        let hex = String(byte, radix: 16)
        json += Array("\\u\(String(repeating: "0", count: 4 - hex.count))\(hex)".utf8)
      default: json.append(byte)
      }
    }
    json.append(UInt8(ascii: "\""))
    return String(decoding: json, as: UTF8.self)
  }
}
