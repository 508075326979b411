import Orders

/// Writes JSON by hand where an object is small and its shape known: many times faster than an encoder.
public enum JSONText {
  /// Of what is written around a key and its value: quotes, colon, comma.
  private static let signsMax = 6

  /// A JSON string with its quotes.
  public static func quote(_ text: some StringProtocol) -> String { text.jsonQuoted }

  /// An object of the fields that are not nil, in the order given. Values must be JSON already.
  public static func object(_ fields: KeyValuePairs<String, String?>) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(fields.reduce(2) { $0 + $1.key.utf8.count + ($1.value?.utf8.count ?? 0) + signsMax })
    out.append(UInt8(ascii: "{"))
    for (key, value) in fields {
      guard let value else { continue }
      appendKey(key, to: &out)
      out.append(contentsOf: value.utf8)
    }
    out.append(UInt8(ascii: "}"))
    return String(decoding: out, as: UTF8.self)
  }

  public static func array(_ values: some Sequence<String>) -> String { "[" + values.joined(separator: ",") + "]" }

  /// An object of strings, keys sorted.
  public static func map(_ map: [String: String]) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(map.reduce(2) { $0 + $1.key.utf8.count + $1.value.utf8.count + signsMax })
    out.append(UInt8(ascii: "{"))
    for (key, value) in map.sorted(by: { $0.key < $1.key }) {
      appendKey(key, to: &out)
      out.append(jsonQuoted: value)
    }
    out.append(UInt8(ascii: "}"))
    return String(decoding: out, as: UTF8.self)
  }

  private static func appendKey(_ key: String, to out: inout [UInt8]) {
    if out.count > 1 { out.append(UInt8(ascii: ",")) }
    out.append(jsonQuoted: key)
    out.append(UInt8(ascii: ":"))
  }
}
