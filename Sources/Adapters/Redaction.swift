package import Orders
import Synchronization

/// Takes secrets out of what is stored and shown.
package enum Redaction {
  static let dots = "••••"
  /// Shorter credentials would be found everywhere.
  static let secretCharactersMin = 3
  /// At the end of a text that was cut, so much of a secret's beginning is taken for it.
  private static let cutCharactersMin = 3

  /// `bytes` with each occurrence of `secret` replaced.
  package static func replacing(_ secret: [UInt8], in bytes: [UInt8]) -> [UInt8] {
    guard let first = secret.first, bytes.count >= secret.count else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if bytes[index] == first, bytes[index...].starts(with: secret) {
        result.append(contentsOf: dots.utf8)
        index += secret.count
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }

  /// `bytes` without the PIN, plain or escaped.
  package static func removing(_ pin: Pin, from bytes: [UInt8]) -> [UInt8] {
    // Nearly all are letters and digits, which no escaping changes.
    pin.secret.unicodeScalars.allSatisfy(SecretPattern.isPlain)
      ? replacing(Array(pin.secret.utf8), in: bytes) : removing(SecretPattern.all(of: pin.secret), from: bytes)
  }

  /// `bytes` without the account's credentials, plain or escaped: an error page may print the request.
  package static func removing(credentialsOf account: ProviderAccount, from bytes: [UInt8]) -> [UInt8] {
    removing(patterns(of: account), from: bytes)
  }

  /// What a service said without a channel's credentials, plain or escaped; its end may have cut one.
  package static func removing(credentialsOf account: ChannelAccount, from bytes: [UInt8]) -> [UInt8] {
    let whole = account.credentials.filter { !ChannelAccount.shownCredentials.contains($0.key) }.values
    // Of a bot's token what stands behind its number is the secret.
    let secrets = whole + whole.compactMap { $0.contains(":") ? $0.split(separator: ":").last.map(String.init) : nil }
    let patterns = secrets.filter { $0.count >= secretCharactersMin }.flatMap { SecretPattern.all(of: $0) }
    return removing(patterns, from: bytes, isCut: true)
  }

  /// A text that quotes a provider's words, and may have cut them in the middle of a credential.
  package static func removing(credentialsOf account: ProviderAccount, from text: String) -> String {
    let patterns = patterns(of: account)
    for end in ["…”", "”"] where text.hasSuffix(end) {
      let quoted = removing(patterns, from: Array(text.dropLast(end.count).utf8), isCut: true)
      return String(decoding: quoted, as: UTF8.self) + end
    }
    return String(decoding: removing(patterns, from: Array(text.utf8)), as: UTF8.self)
  }

  /// A text that may become an order's reason, which its shop is shown: without credentials and the provider's address.
  package static func forReasons(_ account: ProviderAccount, _ text: String) -> String {
    ProviderAddress.removing(of: account, from: removing(credentialsOf: account, from: text))
  }

  /// A reply that may be quoted in an order's reason.
  package static func forReasons(_ account: ProviderAccount, _ reply: [UInt8]) -> [UInt8] {
    Array(forReasons(account, String(decoding: reply, as: UTF8.self)).utf8)
  }

  private static func removing(_ patterns: [SecretPattern], from bytes: [UInt8], isCut: Bool = false) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      // The longest: one secret may contain another.
      var end: Int?
      for pattern in patterns {
        guard let found = pattern.end(in: bytes, from: index, cutMin: isCut ? cutCharactersMin : nil) else { continue }
        end = max(end ?? found, found)
      }
      if end != nil { result.append(contentsOf: dots.utf8) } else { result.append(bytes[index]) }
      index = end ?? index + 1
    }
    return result
  }

  // MARK: Patterns

  /// Made once for an account, since each of its replies is looked through.
  private static let known = Mutex<[Int64: (credentials: [String: String], patterns: [SecretPattern])]>([:])

  private static func patterns(of account: ProviderAccount) -> [SecretPattern] {
    known.withLock { known in
      if let found = known[account.id], found.credentials == account.credentials { return found.patterns }
      let secrets = account.credentials.values.filter { $0.count >= secretCharactersMin }
      let patterns = secrets.flatMap { SecretPattern.all(of: $0) }
      known[account.id] = (account.credentials, patterns)
      return patterns
    }
  }
}
