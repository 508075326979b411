/// How a sandbox is told from a real tenant by its name alone: no other name may hold a colon (`schema_0030.sql`).
public enum SandboxTenant {
  private static let mark = ":sandbox"

  /// The name of a tenant's sandbox.
  public static func name(of tenant: String) -> String { tenant + mark }

  /// Whether a tenant of this name is a sandbox.
  public static func isOne(_ name: String) -> Bool { name.hasSuffix(mark) }
}
