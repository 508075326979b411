/// One SQL statement that is prepared once per connection under its name.
///
/// It must not carry BEGIN, COMMIT or ROLLBACK: the pool makes one transaction of each call.
public struct PostgresStatement: Sendable {
  /// Names the statement in the server's views.
  public let name: String
  /// The text, with `$1`, `$2` … for the parameters.
  public let sql: String
  /// The name on the wire, which also carries a hash of the text: behind a connection pooler, a server session may
  /// hold a statement that another version of this program prepared under the same name.
  let wireName: String

  /// Longer names would be cut by the server (63 bytes) and could then be taken for one another.
  private static let nameBytesMax = 46

  /// - Parameter name: at most 46 bytes.
  public init(name: String, sql: String) {
    precondition(name.utf8.count <= Self.nameBytesMax, "the statement name \(name) is too long")
    self.name = name
    self.sql = sql
    // FNV-1a: stable from process to process, which Hasher is not.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in sql.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    wireName = "\(name)_\(String(hash, radix: 16))"
  }
}
