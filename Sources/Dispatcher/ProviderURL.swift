import CommandLine
import HTTPClient

/// Judges where ops say that a provider is.
enum ProviderURL {
  /// - Parameter addresses: where calls may go. A host that is a name is looked at when it is connected to, since it may
  ///   lead elsewhere by then.
  static func judge(_ url: String, _ addresses: AddressRule) throws(UsageError) {
    guard let parts = URLParts(url), ["http", "https"].contains(parts.scheme) else {
      throw UsageError("--base-url must be a URL that begins with http:// or https://, such as https://bayi.example")
    }
    guard !parts.hasUserinfo else {
      throw UsageError("--base-url must carry no user name or password; give them as --credential NAME=VALUE")
    }
    guard !parts.hasQuery, !parts.hasFragment, !url.contains("?"), !url.contains("#"), !url.contains("@") else {
      throw UsageError("--base-url must end with a host or path, and carry no ?, # or @")
    }
    if let address = parts.address, !addresses.allows(address, host: parts.host) {
      throw UsageError(
        "--base-url leads to \(address), which is not a public address; if that is meant, allow it for this command and"
          + " for dispatcher run and worker run: \(Setting.providerPrivateHosts.variable)=\(parts.bareHost)")
    }
  }
}

extension URLParts {
  fileprivate var bareHost: String { host.first == "[" ? String(host.dropFirst().dropLast()) : host }
}
