/// The files that a client of TLS needs, and what messages call each.
public struct TLSFiles: Sendable {
  /// A file in PEM.
  public struct File: Sendable {
    public let path: String
    /// What it is called in messages, such as the setting that names it.
    public let name: String

    public init(_ path: String, name: String) { (self.path, self.name) = (path, name) }
  }

  /// The certificates of those who may have signed the server's; those of the system when nil.
  public var authorities: File?
  /// What this side shows of itself, with what is between it and its CA, and its key; both or none.
  public var certificate: File?
  public var key: File?
  /// What messages call the setting for ``authorities`` and for ``certificate`` where it is not given.
  public var names: (authorities: String, certificate: String)

  public init(
    authorities: File? = nil, certificate: File? = nil, key: File? = nil,
    names: (authorities: String, certificate: String) = ("the file of CAs", "a certificate")
  ) {
    (self.authorities, self.certificate, self.key) = (authorities, certificate, key)
    self.names = names
  }
}
