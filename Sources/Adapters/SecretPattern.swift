/// Finds a secret in what a provider sends back, however it is escaped: an error page prints the request that it failed at
/// in whatever way its author knew.
struct SecretPattern: Sendable {
  /// One after the other, each in one of several spellings, the longest first.
  private let units: [[[UInt8]]]
  /// By a text's byte: whether the secret may begin with it. Most bytes need no further look.
  private let canBegin: [Bool]

  private init(_ units: [[[UInt8]]]) {
    self.units = units.map { Set($0).sorted { $0.count > $1.count } }
    var canBegin = [Bool](repeating: false, count: 256)
    for spelling in self.units.first ?? [] { if let byte = spelling.first { canBegin[Int(byte)] = true } }
    self.canBegin = canBegin
  }

  /// Character by character as text, HTML, JSON, a URL or a quoted string may have it, in UTF-8 or Windows-1254; and the
  /// whole in base64 and in hexadecimal.
  static func all(of secret: String) -> [SecretPattern] {
    let scalars = secret.unicodeScalars
    var patterns = [SecretPattern(scalars.map(spellings))]
    let utf8 = Array(secret.utf8)
    let old = scalars.map { Windows1254.encode($0) }
    for bytes in Set([utf8, old.contains(nil) ? utf8 : old.compactMap { $0 }]) {
      patterns.append(SecretPattern(bytes.map { hex($0) }))
      patterns.append(SecretPattern(base64(bytes)))
    }
    return patterns
  }

  /// Where a match that begins at `start` ends; nil when there is none.
  ///
  /// - Parameter cutMin: where the text was cut, as many units at its end are taken for the secret's beginning.
  func end(in bytes: [UInt8], from start: Int, cutMin: Int? = nil) -> Int? {
    guard canBegin[Int(bytes[start])] else { return nil }
    var position = start
    for (index, spellings) in units.enumerated() {
      if position == bytes.count { return cutMin.map { index >= $0 } ?? false ? position : nil }
      guard let spelling = spellings.first(where: { bytes[position...].starts(with: $0) }) else { return nil }
      position += spelling.count
    }
    return position
  }

  // MARK: Spellings

  private static func spellings(_ scalar: Unicode.Scalar) -> [[UInt8]] {
    let utf8 = Array(String(Character(scalar)).utf8)
    // No escaping changes these, but a URL may spell them out.
    var spellings = [utf8] + percent(utf8)
    if isPlain(scalar) { return spellings }
    if let old = Windows1254.encode(scalar) { spellings += [[old]] + percent([old]) }
    let name: [Unicode.Scalar: String] = ["&": "amp", "<": "lt", ">": "gt", "\"": "quot", "'": "apos"]
    let code = String(scalar.value, radix: 16)
    let references = [name[scalar], "#\(scalar.value)", "#0\(scalar.value)", "#x\(code)", "#x\(code.uppercased())"]
    spellings += references.compactMap { $0.map { Array("&\($0);".utf8) } }
    var json: [[UInt8]] = [[]]
    for unit in String(Character(scalar)).utf16 {
      let digits = String(unit, radix: 16)
      let padded = String(repeating: "0", count: 4 - digits.count) + digits
      json = json.flatMap { [$0 + "\\u\(padded)".utf8, $0 + "\\u\(padded.uppercased())".utf8] }
    }
    spellings += json
    if scalar.isASCII { spellings.append([UInt8(ascii: "\\")] + utf8) }
    if scalar == " " { spellings.append([UInt8(ascii: "+")]) }
    return spellings
  }

  static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "0"..."9", "A"..."Z", "a"..."z", "-", ".", "_", "~": true
    default: false
    }
  }

  /// In lower and upper case.
  private static func hex(_ byte: UInt8) -> [[UInt8]] {
    let digits = (byte < 16 ? "0" : "") + String(byte, radix: 16)
    return [Array(digits.utf8), Array(digits.uppercased().utf8)]
  }

  private static func percent(_ bytes: [UInt8]) -> [[UInt8]] {
    let digits = bytes.map { hex($0) }
    return [0, 1].map { form in digits.flatMap { [UInt8(ascii: "%")] + $0[form] } }
  }

  /// Without a last character that would depend on what follows; in the alphabet of MIME or of URLs.
  private static func base64(_ bytes: [UInt8]) -> [[[UInt8]]] {
    let alphabets = ["+/", "-_"].map {
      Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\($0)".utf8)
    }
    return (0..<(bytes.count * 8 / 6)).map { position in
      let bit = position * 6
      let word = Int(bytes[bit / 8]) << 8 | (bit / 8 + 1 < bytes.count ? Int(bytes[bit / 8 + 1]) : 0)
      return alphabets.map { [$0[word >> (10 - bit % 8) & 63]] }
    }
  }
}
