/// Somebody who fulfils orders of a tenant: a seller, a cook, a courier, a technician.
public struct Partner: Sendable, Equatable {
  public enum State: String, Sendable, CaseIterable {
    case active
    /// Nothing new is offered to them; what they have they may go on with.
    case away
    /// They can do nothing any more.
    case removed
  }

  public let id: Int64
  public let tenantID: Int64
  public let tenant: String
  /// Unique among those of the tenant.
  public let name: String
  /// E.164.
  public let phone: String
  /// Their chat with the tenant's bot; nil where they have none.
  public let telegram: String?
  /// One of ``languages``.
  public let language: String
  public let state: State

  /// Languages that partners and customers are spoken to in.
  public static let languages = ["en", "tr", "ar", "ru", "uk"]
}
