internal import EventLoop
internal import Postgres

/// How the pages of a tenant's orders look to its customers.
public struct TenantPage: Sendable, Equatable {
  public struct Logo: Sendable, Equatable {
    public enum Kind: String, Sendable {
      case svg = "image/svg+xml"
      case png = "image/png"
    }
    public static let bytesMax = 12 * 1024
    public let kind: Kind
    public let bytes: [UInt8]

    public init(_ kind: Kind, _ bytes: [UInt8]) { (self.kind, self.bytes) = (kind, bytes) }
  }

  public static let nameCharactersMax = 60

  /// The tenant's own name.
  public let tenant: String
  /// What customers know the shop by.
  public var name: String
  /// Such as `#2b6cb0`; nil where none is set.
  public var colour: String?
  public var logo: Logo?
  /// Whether a customer may see the PIN there.
  public var showsPin: Bool

  public init(
    tenant: String, name: String? = nil, colour: String? = nil, logo: Logo? = nil, showsPin: Bool = true
  ) {
    (self.tenant, self.name) = (tenant, name ?? tenant)
    (self.colour, self.logo, self.showsPin) = (colour, logo, showsPin)
  }

  /// What is to be another; nil leaves it, and a nil inside takes it back to none.
  public struct Change: Sendable {
    public var name: String??
    public var colour: String??
    public var logo: Logo??
    public var showsPin: Bool?
    public init() {}
    public var isNone: Bool { name == nil && colour == nil && logo == nil && showsPin == nil }
  }
}

extension Store {
  /// How the pages of a tenant's orders look; nil when there is no such tenant.
  public func page(ofTenant id: Int64) async throws -> TenantPage? {
    let statement = PostgresStatement(
      name: "tenant_page",
      sql: """
        SELECT t.name, p.name, p.colour, p.logo_type, p.logo, coalesce(p.shows_pin, true)
        FROM tenants t LEFT JOIN tenant_pages p ON p.tenant_id = t.id WHERE t.id = $1
        """)
    return try await pool.run(statement, [.int(id)]).first.map { row in
      try TenantPage(
        tenant: row.text(0), name: row.textOrNil(1), colour: row.textOrNil(2),
        logo: row.textOrNil(3).flatMap { TenantPage.Logo.Kind(rawValue: $0) }.map { .init($0, try row.bytes(4)) },
        showsPin: row.bool(5))
    }
  }
}

extension Setup {
  /// Changes how the pages of a tenant's orders look.
  ///
  /// - Returns: false when there is no such tenant.
  public func changePage(ofTenant name: String, _ change: TenantPage.Change) async throws -> Bool {
    let statement = PostgresStatement(
      name: "",
      sql: """
        INSERT INTO tenant_pages AS p (tenant_id, name, colour, logo, logo_type, shows_pin)
        SELECT id, $3::text, $5::text, $7::bytea, $8::text, coalesce($9::boolean, true) FROM tenants WHERE name = $1::text
        ON CONFLICT (tenant_id) DO UPDATE SET
          name = CASE WHEN $2::boolean THEN excluded.name ELSE p.name END,
          colour = CASE WHEN $4::boolean THEN excluded.colour ELSE p.colour END,
          logo = CASE WHEN $6::boolean THEN excluded.logo ELSE p.logo END,
          logo_type = CASE WHEN $6::boolean THEN excluded.logo_type ELSE p.logo_type END,
          shows_pin = coalesce($9::boolean, p.shows_pin), updated_at = now()
        RETURNING tenant_id
        """)
    let (shopName, colour, logo) = (change.name ?? nil, change.colour ?? nil, change.logo ?? nil)
    let rows = try await store.pool.run(
      statement,
      [
        .text(name), .bool(change.name != nil), .text(shopName), .bool(change.colour != nil), .text(colour),
        .bool(change.logo != nil), logo.map { .bytea($0.bytes) } ?? .null, .text(logo?.kind.rawValue),
        .bool(change.showsPin),
      ])
    return rows.count == 1
  }
}
