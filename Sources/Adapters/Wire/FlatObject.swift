/// A small JSON object of texts and numbers, read as strictly as a provider's answer.
public enum FlatObject {
  /// The texts and numbers by name, numbers as they are written; what is null counts as missing.
  ///
  /// - Returns: nil for what is no JSON object, or holds anything else.
  public static func read(_ bytes: [UInt8]) -> [String: String]? {
    guard case .object(let members)? = WireJSON(bytes) else { return nil }
    var fields: [String: String] = [:]
    for member in members where member.value != .null {
      guard let text = member.value.scalar else { return nil }
      fields[member.name] = text
    }
    return fields
  }
}
