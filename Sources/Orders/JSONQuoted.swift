extension StringProtocol {
  /// As a JSON string, with its quotes: no text can end itself or begin something else.
  public var jsonQuoted: String {
    var out: [UInt8] = []
    out.reserveCapacity(utf8.count + 2)
    out.append(jsonQuoted: self)
    return String(decoding: out, as: UTF8.self)
  }
}

extension [UInt8] {
  /// Appends a text as ``Swift/StringProtocol/jsonQuoted`` has it.
  public mutating func append(jsonQuoted text: some StringProtocol) {
    append(UInt8(ascii: "\""))
    let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { bytes in
      // Nearly every text can stand as it is.
      if bytes.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
        append(contentsOf: bytes)
      } else {
        append(jsonEscaping: bytes)
      }
    }
    if isDone == nil { append(jsonEscaping: text.utf8) }
    append(UInt8(ascii: "\""))
  }

  private mutating func append(jsonEscaping bytes: some Sequence<UInt8>) {
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\""): append(contentsOf: "\\\"".utf8)
      case UInt8(ascii: "\\"): append(contentsOf: "\\\\".utf8)
      case UInt8(ascii: "\n"): append(contentsOf: "\\n".utf8)
      case UInt8(ascii: "\r"): append(contentsOf: "\\r".utf8)
      case UInt8(ascii: "\t"): append(contentsOf: "\\t".utf8)
      case 0..<0x20:
        let hex = String(byte, radix: 16)
        append(contentsOf: "\\u\(String(repeating: "0", count: 4 - hex.utf8.count))\(hex)".utf8)
      default: append(byte)
      }
    }
  }
}
