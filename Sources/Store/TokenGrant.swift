/// Who a bearer token belongs to and what it may do.
public struct TokenGrant: Sendable {
  public let tenantID: Int64
  public let tenant: String
  /// Whether it is a token for a sandbox: then nothing of what it does is real.
  public var isSandbox: Bool { SandboxTenant.isOne(tenant) }
  public let scopes: Set<String>
  public let tokenID: Int64
  /// What people call it; may be empty.
  public let name: String
  /// The token's beginning, by which a log may name it; empty for old ones.
  public let prefix: String
  /// Requests a second; nil: the process's setting; 0: no limit.
  public let ratePerSecond: Int?
  /// Requests at once after a pause; nil: as many as a second brings.
  public let rateBurst: Int?

  public init(
    tenantID: Int64, tenant: String, scopes: Set<String>, tokenID: Int64, name: String = "", prefix: String,
    ratePerSecond: Int?, rateBurst: Int?
  ) {
    (self.tenantID, self.tenant, self.scopes) = (tenantID, tenant, scopes)
    (self.tokenID, self.name, self.prefix) = (tokenID, name, prefix)
    (self.ratePerSecond, self.rateBurst) = (ratePerSecond, rateBurst)
  }
}
