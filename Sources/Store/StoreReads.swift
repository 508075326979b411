internal import Cipher
public import Orders
internal import Postgres

extension Store {
  /// What a repeat of an order would be answered; nil when its idempotency key is free.
  public func existing(_ order: NewOrder) async throws -> Intake? { try await order.existing(pool) }

  /// How often an order's sends to a provider ended so.
  public struct SendCount: Sendable {
    public let providerID: Int64
    public let state: SendState
    public let count: Int
  }

  /// The ends of an order's sends so far, by provider.
  public func sendCounts(of id: OrderID) async throws -> [SendCount] {
    let statement = PostgresStatement(
      name: "attempt_counts",
      sql: "SELECT provider_id, state, count(*) FROM attempts WHERE order_id = $1::uuid GROUP BY 1, 2")
    return try await pool.run(statement, [.text(id.description)]).compactMap { row in
      guard let state = SendState(rawValue: try row.text(1)) else { return nil }
      return try SendCount(providerID: row.int(0), state: state, count: Int(row.int(2)))
    }
  }

  /// How many sends of an order ended with their process: their end was never noted.
  public func sendersDied(at id: OrderID) async throws -> Int {
    let rows = try await pool.run(Statements.sendersDied, [.text(id.description)])
    return try rows.first.map { Int(try $0.int(0)) } ?? 0
  }

  /// The reference of a late order that the provider is known to have settled, to compare answers with.
  public func settledReference(provider: Int64) async throws -> String? {
    try await pool.run(Statements.settledReference, [.int(provider)]).first?.text(0)
  }

  /// Orders whose shop reference, reference at the provider, or player is `text`; newest first.
  public func orders(matching text: String, limit: Int) async throws -> [Order] {
    try await orders(in: try await pool.run(Statements.findOrders, [.text(text), .int(limit)]))
  }

  private func orders(in rows: PostgresRows) async throws -> [Order] {
    try await orders(in: rows.compactMap { OrderID(try $0.text(0)) })
  }

  /// The orders of these ids, newest first.
  public func orders(in ids: [OrderID]) async throws -> [Order] {
    guard !ids.isEmpty else { return [] }
    let loaded = try await pool.run(Statements.loadOrders, [.textArray(ids.map(\.description))])
    return try loaded.map { try OrderRow.decodeLoaded($0) }.sorted { $0.id > $1.id }
  }

  /// The PIN of a completed order, decrypted; nil when it has none.
  ///
  /// - Throws: `VaultError` when it was sealed under a key that this process does not have.
  public func pin(of id: OrderID) async throws -> Pin? {
    let statement = PostgresStatement(name: "load_pin", sql: "SELECT pin FROM orders WHERE id = $1::uuid")
    let rows = try await pool.run(statement, [.text(id.description)])
    guard rows.count == 1, let sealed = try rows[0].bytesOrNil(0) else { return nil }
    return try open(pin: sealed, of: id)
  }

  /// A PIN as ``seal(_:of:)`` made it.
  ///
  /// - Throws: `VaultError` when it was sealed under a key that this process does not have, or for another order.
  func open(pin sealed: [UInt8], of id: OrderID) throws -> Pin {
    Pin(String(decoding: try vault.open(sealed, context: Self.pinContext(id)), as: UTF8.self))
  }

  /// The PIN as it is stored: bound to its order, so that it can't be moved to another.
  public func seal(_ pin: Pin, of id: OrderID) throws -> [UInt8] {
    try vault.seal(Array(pin.secret.utf8), context: Self.pinContext(id))
  }

  /// What tells two orders with one PIN from any others; see `schema_0004.sql`.
  public nonisolated func fingerprint(of pin: Pin) throws -> [UInt8] {
    try vault.fingerprint(of: Array(pin.secret.utf8), purpose: "pin")
  }

  /// What a second answer must repeat before the first is believed; see ``Witness/fingerprint``.
  ///
  /// - Parameter earlier: one to compare with: made under its key, where this process has it.
  public nonisolated func fingerprint(
    ofWitness substance: [UInt8], of id: OrderID, like earlier: [UInt8]? = nil
  ) throws -> [UInt8] {
    let vault = try vault
    let current = vault.currentKeyID
    let key = earlier.map { String(decoding: $0.prefix(current.utf8.count), as: UTF8.self) } ?? current
    // Bound to its order: the database does not tell which orders were answered alike.
    let bound = Array("\(id)/".utf8) + substance
    if let print = vault.fingerprint(of: bound, purpose: "witness", keyID: key) { return Array(key.utf8) + print }
    return Array(current.utf8) + vault.fingerprint(of: bound, purpose: "witness")
  }

  /// Whether a fingerprint of ``fingerprint(ofWitness:of:)`` was made under the secret key that is current now.
  public nonisolated func isComparable(_ fingerprint: [UInt8]) -> Bool {
    (try? vault.currentKeyID).map { fingerprint.starts(with: $0.utf8) } ?? false
  }

  /// As ``fingerprint(of:)`` under the other keys that this process has: by them a PIN of before a rotation is known.
  public nonisolated func earlierFingerprints(of pin: Pin) throws -> [[UInt8]] {
    Array(try vault.fingerprints(of: Array(pin.secret.utf8), purpose: "pin").dropFirst())
  }

  /// The order that got the PIN with this fingerprint first; nil when none has.
  public func order(withPin fingerprint: [UInt8]) async throws -> Order? {
    let statement = PostgresStatement(
      name: "pin_holder",
      sql: """
        SELECT order_id::text FROM pins WHERE print = encode(substring($1::bytea FOR 16), 'hex')::uuid
        UNION ALL SELECT order_id::text FROM pin_prints WHERE print = $1::bytea
        """)
    guard let id = try await pool.run(statement, [.bytea(fingerprint)]).first.flatMap({ OrderID(try $0.text(0)) })
    else {
      return nil
    }
    return try await order(id)
  }

  private static func pinContext(_ id: OrderID) -> String { "pin:\(id)" }

  /// A page of the orders that something must still happen to, by id.
  public func openOrders(after: OrderID?, limit: Int) async throws -> [OpenOrder] {
    let start = after?.description ?? "00000000-0000-0000-0000-000000000000"
    let rows = try await pool.run(Statements.openOrders, [.text(start), .int(limit)])
    return try rows.compactMap { row in
      guard let id = OrderID(try row.text(0)), let status = Status(rawValue: try row.text(1)) else { return nil }
      return try OpenOrder(
        id: id, status: status, priority: Priority(rawValue: row.text(2)) ?? .normal,
        untilDue: .milliseconds(row.int(3)), tenantID: row.int(4), product: row.text(5), providerID: row.intOrNil(6),
        trace: row.textOrNil(7))
    }
  }
}

/// An order that something must still happen to, as the reconciler needs it.
public struct OpenOrder: Sendable {
  public let id: OrderID
  public let status: Status
  public let priority: Priority
  /// Negative when overdue.
  public let untilDue: Duration
  public let tenantID: Int64
  public let product: String
  /// nil before its first send.
  public let providerID: Int64?
  /// As it is stored.
  public let trace: String?
}
