internal import Cipher
internal import EventLoop
public import Orders
internal import Postgres

/// A code that comes into a stock.
public struct NewStockCode: Sendable {
  /// Of its file, from 1.
  public let line: Int
  public let code: Pin
  public let serial: String?
  public let cost: Money?
  /// Milliseconds of Unix time; from then on it is given to nobody.
  public let expiresAt: Int64?

  public init(line: Int, code: Pin, serial: String?, cost: Money?, expiresAt: Int64?) {
    self.line = line
    self.code = code
    self.serial = serial
    self.cost = cost
    self.expiresAt = expiresAt
  }
}

/// Where a code is already.
public struct KnownStockCode: Sendable, Equatable {
  /// nil: no stock has it, but an order got it from another provider.
  public let id: Int64?
  public let file: Int64?
  public let line: Int?
}

/// Takes files of codes into a stock. The same file again adds only what it lacked.
extension StockStore {
  /// Most codes in one statement.
  public nonisolated static let batchMax = 1000

  /// Notes a file, and makes its product known.
  ///
  /// - Parameter hash: 32 bytes that tell the file from every other.
  /// - Returns: its number, and whether it was begun before.
  public func begin(
    file hash: [UInt8], product: String, provider: Int64, who: String
  ) async throws -> (id: Int64, isKnown: Bool) {
    let product_ = PostgresStatement(
      name: "stock_product",
      sql: "INSERT INTO stock_products (provider_id, product) VALUES ($1::bigint, $2::text) ON CONFLICT DO NOTHING")
    _ = try await store.pool.run(product_, [.int(provider), .text(product)])
    let file = PostgresStatement(
      name: "stock_file",
      sql: """
        INSERT INTO stock_files (provider_id, product, hash, who) VALUES ($1::bigint, $2::text, $3::bytea, $4::text)
        ON CONFLICT DO NOTHING RETURNING id
        """)
    let parameters: [PostgresParameter] = [.int(provider), .text(product), .bytea(hash), .text(who)]
    if let new = try await store.pool.run(file, parameters).first { return (try new.int(0), false) }
    guard let id = try await known(file: hash, product: product, provider: provider) else {
      throw StoreError.invalid("the file was taken away while it was being added")
    }
    return (id, true)
  }

  /// The number of a file that was begun before; nil for a new one.
  public func known(file hash: [UInt8], product: String, provider: Int64) async throws -> Int64? {
    let statement = PostgresStatement(
      name: "known_stock_file",
      sql: "SELECT id FROM stock_files WHERE provider_id = $1::bigint AND product = $2::text AND hash = $3::bytea")
    return try await store.pool.run(statement, [.int(provider), .text(product), .bytea(hash)]).first.map {
      try $0.int(0)
    }
  }

  /// Which of the codes are there already, whatever product they are of, or were given to an order by another provider; by
  /// their places in `codes`.
  public func known(among codes: [NewStockCode]) async throws -> [Int: KnownStockCode] {
    var (prints, places): ([[UInt8]], [Int]) = ([], [])
    for (place, code) in codes.enumerated() {
      for print in try store.vault.fingerprints(of: Array(code.code.secret.utf8), purpose: "pin") {
        prints.append(print)
        places.append(place)
      }
    }
    guard !prints.isEmpty else { return [:] }
    var known: [Int: KnownStockCode] = [:]
    for row in try await store.pool.run(Statements.knownStock, [.byteaArray(prints), .intArray(places)]) {
      known[Int(try row.int(0))] = try KnownStockCode(
        id: row.intOrNil(1), file: row.intOrNil(2), line: row.intOrNil(3).map { Int($0) })
    }
    return known
  }

  /// The keyed hash by which a code is known; the same as of a PIN that any provider gives.
  public nonisolated func print(of code: Pin) throws -> [UInt8] { try store.fingerprint(of: code) }

  /// Adds codes in one transaction.
  ///
  /// - Returns: the lines that were added; one that is missing was there already.
  public func add(
    _ codes: [NewStockCode], file: Int64, product: String, provider: Int64
  ) async throws -> Set<Int> {
    let vault = try store.vault
    let prints = try codes.map { try print(of: $0.code) }
    let sealed = zip(codes, prints).map { code, print in
      vault.seal(Array(code.code.secret.utf8), context: Self.context(print))
    }
    let rows = try await store.pool.run(
      Statements.addStock,
      [
        .int(provider), .text(product), .int(file), .byteaArray(sealed), .byteaArray(prints),
        .textArray(codes.map(\.serial)), .textArray(codes.map { $0.cost?.description }),
        .intArray(codes.map(\.expiresAt)), .intArray(codes.map(\.line)),
      ])
    return Set(try rows.map { Int(try $0.int(0)) })
  }
}
