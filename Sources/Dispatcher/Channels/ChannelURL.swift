import Adapters
import CommandLine
import HTTPClient

/// Judges where ops say that a service is.
enum ChannelURL {
  private static let mailPorts = "smtp://mail.shop.example:587, or smtps://mail.shop.example:465"

  static func judge(_ url: String, adapter: any MessagingAdapter, _ addresses: AddressRule) throws(UsageError) {
    guard adapter is Email else {
      try ProviderURL.judge(url, addresses)
      guard let parts = URLParts(url), parts.scheme == "https" || addresses.allowsPlain(host: parts.host) else {
        throw UsageError(
          "--base-url must begin with https://, since the login goes there; http:// is for hosts that"
            + " \(Setting.providerPrivateHosts.variable) names")
      }
      return
    }
    guard let parts = URLParts(url), ["smtp", "smtps"].contains(parts.scheme) else {
      throw UsageError("--base-url must be a mail server, such as \(mailPorts)")
    }
    let rest = url.drop { $0 != "/" }.dropFirst(2)
    guard !parts.hasUserinfo, !parts.hasQuery, !parts.hasFragment,
      !rest.drop(while: { $0 != "/" }).dropFirst().contains(where: { $0 != "/" }),
      !url.contains("@"), !url.contains("?"), !url.contains("#")
    else {
      throw UsageError(
        "--base-url must be just a mail server, such as \(mailPorts); a login is --credential username=… password=…")
    }
    if let address = parts.address, !addresses.allows(address, host: parts.host) {
      throw UsageError(
        "--base-url leads to \(address), which is not a public address; if that is meant, allow it for this command and"
          + " for worker run: \(Setting.providerPrivateHosts.variable)=\(parts.host)")
    }
  }
}
