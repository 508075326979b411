public import TLS

/// What servers and sentinels of a test want beside being there: certificates, and users of their own.
public struct SentinelTerms: Sendable {
  /// TLS to servers and sentinels alike, and among them.
  public struct Certificates: Sendable {
    public let certificate, key, authority: String
    /// For who connects.
    public let context: TLSContext

    public init(certificate: String, key: String, authority: String, context: TLSContext) {
      (self.certificate, self.key, self.authority, self.context) = (certificate, key, authority, context)
    }

    var arguments: [String] {
      [
        "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", authority, "--tls-auth-clients",
        "no",
        "--tls-replication", "yes",
      ]
    }

    var lines: String {
      """
      tls-cert-file \(certificate)
      tls-key-file \(key)
      tls-ca-cert-file \(authority)
      tls-auth-clients no
      tls-replication yes
      """
    }
  }

  /// nil: neither speaks TLS.
  public var certificates: Certificates?
  /// More for the command line of each server with data.
  public var serverArguments: [String] = []
  /// More lines for the settings of each sentinel.
  public var sentinelLines: [String] = []
  /// What the URL for Sevk has before its hosts, such as `sevk:secret@`.
  public var login = ""

  public init() {}
}
