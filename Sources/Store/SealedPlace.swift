internal import Postgres

/// A column with sealed bytes: all of them are listed here, and a test holds the list against the tables.
public struct SealedPlace: Sendable {
  /// Table and column, such as `orders.pin`.
  public let name: String
  /// What it is, for people.
  public let meaning: String
  let table: String
  let column: String
  /// The column that its rows are gone through by, unique and never changed, and its type.
  let key: String
  let keyType: String
  /// What is before every key.
  let first: String
  /// An expression of a row's columns, from which ``context`` makes what the bytes are bound to.
  let subject: String
  let context: @Sendable (_ key: String, _ subject: String) -> String
  /// The statement that goes with each page, in its transaction: moves what hangs on the key beside the sealed bytes.
  var prints: Prints?

  /// Keyed hashes of what is sealed, which follow the key.
  enum Prints: Sendable {
    /// Of an order's PIN, in `pins` and `pin_prints`.
    case pins
    /// Of a code, in its own row; the sealed bytes are bound to it.
    case stock
  }

  public static let all: [SealedPlace] = [
    SealedPlace(
      name: "providers.credentials", meaning: "credentials of providers", table: "providers", column: "credentials",
      key: "id", keyType: "bigint", first: "0", subject: "name", context: { _, name in "provider:\(name)" }),
    SealedPlace(
      name: "channels.credentials", meaning: "credentials of channels", table: "channels", column: "credentials",
      key: "id", keyType: "bigint", first: "0", subject: "name", context: { _, name in "channel:\(name)" }),
    endpoints("secret", "secrets of endpoints"),
    endpoints("previous_secret", "secrets of endpoints, of before"),
    SealedPlace(
      name: "stock_codes.code", meaning: "codes in stock", table: "stock_codes", column: "code", key: "id",
      keyType: "bigint", first: "0", subject: "encode(print, 'hex')", context: { _, print in "stock:\(print)" },
      prints: .stock),
    SealedPlace(
      name: "orders.pin", meaning: "PINs", table: "orders", column: "pin", key: "id", keyType: "uuid",
      first: "00000000-0000-0000-0000-000000000000", subject: "''", context: { id, _ in "pin:\(id)" }, prints: .pins),
    SealedPlace(
      name: "fulfilments.code", meaning: "hand-over codes", table: "fulfilments", column: "code", key: "order_id",
      keyType: "uuid", first: "00000000-0000-0000-0000-000000000000", subject: "''",
      context: { id, _ in "handover:\(id)" }),
    tokens,
  ]

  /// Tokens are not sealed again: under another key they are asked for anew.
  static let tokens = SealedPlace(
    name: "provider_tokens.sealed", meaning: "tokens of providers", table: "provider_tokens", column: "sealed",
    key: "provider_id", keyType: "bigint", first: "0", subject: "''",
    context: { id, _ in "token of provider:\(id)" })

  private static func endpoints(_ column: String, _ meaning: String) -> SealedPlace {
    SealedPlace(
      name: "endpoints.\(column)", meaning: meaning, table: "endpoints", column: column, key: "id", keyType: "bigint",
      first: "0", subject: "tenant_id || '/' || name", context: { _, name in "endpoint:\(name)" })
  }

  // MARK: Statements

  /// How many rows of a page each key sealed. $1 after this key, $2 rows. Answers with key id, rows, last key of the page,
  /// rows of the page; the id is NULL where nothing is sealed.
  var count: PostgresStatement {
    PostgresStatement(
      name: "",
      sql: """
        WITH page AS MATERIALIZED (
          -- Not `AS id`: ORDER BY means the column of the answer before that of the table, and pages would skip rows.
          SELECT t.\(key) AS row_key, encode(substring(t.\(column) FROM 2 FOR 4), 'hex') AS sealed_by
          FROM \(table) t WHERE t.\(key) > $1::\(keyType) ORDER BY t.\(key) LIMIT $2::bigint
        )
        SELECT sealed_by, count(*), (SELECT row_key::text FROM page ORDER BY row_key DESC LIMIT 1),
               (SELECT count(*) FROM page)
        FROM page GROUP BY sealed_by
        """)
  }

  /// Whether a key sealed anything there: all of it is looked at, at once. $1 the key's id, 4 bytes.
  var isSealed: PostgresStatement {
    PostgresStatement(
      name: "",
      sql: "SELECT EXISTS (SELECT 1 FROM \(table) t WHERE substring(t.\(column) FROM 2 FOR 4) = $1::bytea)")
  }

  /// A page of what is not sealed with a key. $1 after this key, $2 rows that are looked at, $3 the key's id, 4 bytes.
  /// Answers with key, sealed bytes, subject of each; in the last row the page's last key and NULLs.
  var page: PostgresStatement {
    PostgresStatement(
      name: "",
      sql: """
        WITH page AS MATERIALIZED (
          SELECT t.\(key) AS row_key, t.\(column) AS row_sealed, \(subject) AS row_subject
          FROM \(table) t WHERE t.\(key) > $1::\(keyType) ORDER BY t.\(key) LIMIT $2::bigint
        )
        SELECT * FROM (
          SELECT row_key::text, row_sealed, row_subject FROM page
          WHERE substring(row_sealed FROM 2 FOR 4) <> $3::bytea ORDER BY page.row_key
        ) AS others
        UNION ALL (SELECT row_key::text, NULL, NULL FROM page ORDER BY page.row_key DESC LIMIT 1)
        """)
  }

  /// Puts bytes that are sealed anew in place of those that were read. $1 keys, $2 old bytes, $3 new ones, and of a stock $4 new
  /// prints. What has changed meanwhile stays as it is.
  var put: PostgresStatement {
    let isStock = if case .stock = prints { true } else { false }
    return PostgresStatement(
      name: "",
      sql: """
        UPDATE \(table) t SET \(column) = n.new\(isStock ? ", print = n.print" : "")
        FROM unnest($1::\(keyType)[], $2::bytea[], $3::bytea[]\(isStock ? ", $4::bytea[]" : ""))
          AS n (key, old, new\(isStock ? ", print" : ""))
        WHERE t.\(key) = n.key AND t.\(column) = n.old
        RETURNING t.\(key)::text
        """)
  }
}
