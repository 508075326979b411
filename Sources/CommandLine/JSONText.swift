import Orders

/// Writes JSON by hand where an object is small and its shape known: many times faster than an encoder.
public enum JSONText {
  /// A JSON string with its quotes.
  public static func quote(_ text: some StringProtocol) -> String { text.jsonQuoted }

  /// An object of the fields that are not nil, in the order given. Values must be JSON already.
  public static func object(_ fields: KeyValuePairs<String, String?>) -> String {
    "{" + fields.compactMap { key, value in value.map { "\(quote(key)):\($0)" } }.joined(separator: ",") + "}"
  }

  public static func array(_ values: some Sequence<String>) -> String { "[" + values.joined(separator: ",") + "]" }

  /// An object of strings, keys sorted.
  public static func map(_ map: [String: String]) -> String {
    "{" + map.sorted { $0.key < $1.key }.map { "\(quote($0.key)):\(quote($0.value))" }.joined(separator: ",") + "}"
  }
}
