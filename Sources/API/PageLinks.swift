public import Cipher
public import Orders
public import Store

/// Links to the pages of orders, for those who may read PINs: who has the link sees the PIN.
public struct PageLinks: Sendable {
  public static let scope = "pins:read"
  /// What the path of a page begins with.
  public static let prefix = "/o/"

  private let base: String
  private let vault: Vault

  /// - Parameter base: what links to the gateway begin with, without a `/` at its end.
  public init(base: String, vault: Vault) { (self.base, self.vault) = (base, vault) }

  /// The link to an order's page; nil for a token that may not read PINs.
  public func url(of id: OrderID, for grant: TokenGrant) -> String? {
    guard grant.scopes.contains(Self.scope) else { return nil }
    return base + Self.prefix + PageToken.make(id, vault)
  }
}
