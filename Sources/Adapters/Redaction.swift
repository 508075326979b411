/// Takes secrets out of what is stored and shown.
enum Redaction {
  static let dots = "••••"
  /// Shorter credentials would be found everywhere.
  static let secretCharactersMin = 3

  /// `bytes` with each occurrence of `secret` replaced.
  static func replacing(_ secret: [UInt8], in bytes: [UInt8]) -> [UInt8] {
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

  /// `bytes` without the account's credentials, plain or percent-encoded: an error page may print the request.
  static func removing(credentialsOf account: ProviderAccount, from bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    // The longest first: one may contain another.
    let secrets = account.credentials.values.filter { $0.count >= secretCharactersMin }
      .flatMap { [$0, RequestBuilder.encoded($0)] }.sorted { $0.utf8.count > $1.utf8.count }
    for secret in secrets { bytes = replacing(Array(secret.utf8), in: bytes) }
    return bytes
  }

  static func removing(credentialsOf account: ProviderAccount, from text: String) -> String {
    String(decoding: removing(credentialsOf: account, from: Array(text.utf8)), as: UTF8.self)
  }
}
