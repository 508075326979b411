/// Takes a provider's host and port out of what it says about itself, as error pages do: a shop need not know whom its
/// orders go to. What Sevk itself says of the wire never has them, see `HTTPTrouble`.
enum ProviderAddress {
  static let words = "the provider"

  /// `text` without the host, and its port, of the account's base URL.
  static func removing(of account: ProviderAccount, from text: String) -> String {
    guard let authority = authority(of: account.baseURL) else { return text }
    var found = text
    for name in [authority.whole, authority.host] where isTelling(name) { found = replacing(name, in: found) }
    return found
  }

  private static func authority(of url: String) -> (whole: String, host: String)? {
    // After the scheme and its two slashes. By bytes: each answer is looked through.
    let url = url.utf8
    guard let colon = url.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let ends = "/?#".utf8
    let whole = url[colon...].dropFirst(3).prefix { !ends.contains($0) }
    let end = whole.last == UInt8(ascii: "]") ? nil : whole.lastIndex(of: UInt8(ascii: ":"))
    return whole.isEmpty ? nil : (String(Substring(whole)), String(Substring(end.map { whole[..<$0] } ?? whole)))
  }

  /// A bare word may be any word of the text.
  private static func isTelling(_ name: String) -> Bool {
    name.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }
  }

  /// Hosts are the same in capitals.
  private static func replacing(_ name: String, in text: String) -> String {
    let (wanted, bytes) = (name.utf8.map(lower), Array(text.utf8))
    // Hardly any text names it.
    guard let first = wanted.first, bytes.count >= wanted.count, bytes.contains(where: { lower($0) == first }) else {
      return text
    }
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let end = index + wanted.count
      if end <= bytes.count, lower(bytes[index]) == first,
        zip(bytes[index..<end], wanted).allSatisfy({ lower($0) == $1 })
      {
        result += words.utf8
        index = end
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte + 32 : byte }
}
