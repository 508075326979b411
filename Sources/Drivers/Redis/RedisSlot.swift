/// Which of the 16384 slots of a Redis Cluster a key lies in.
enum RedisSlot {
  static let count = 16_384

  /// The slot of a key: that of the part between its first braces, where something stands there.
  static func of(_ key: some Collection<UInt8>) -> Int {
    guard let open = key.firstIndex(of: UInt8(ascii: "{")) else { return hash(key) }
    let tag = key[key.index(after: open)...]
    guard let close = tag.firstIndex(of: UInt8(ascii: "}")), close > tag.startIndex else { return hash(key) }
    return hash(tag[..<close])
  }

  static func of(_ key: RedisArgument) -> Int {
    switch key {
    case .string(let text): of(text.utf8)
    case .bytes(let bytes): of(bytes)
    case .integer(let number): of(String(number).utf8)
    }
  }

  private static func hash(_ bytes: some Sequence<UInt8>) -> Int {
    var sum: UInt16 = 0
    for byte in bytes { sum = sum << 8 ^ table[Int(UInt8(truncatingIfNeeded: sum >> 8) ^ byte)] }
    return Int(sum) % count
  }

  /// CRC-16 with the polynomial 0x1021, for each byte (XMODEM).
  private static let table: [UInt16] = (0..<256).map { byte in
    (0..<8).reduce(UInt16(byte) << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
  }
}
