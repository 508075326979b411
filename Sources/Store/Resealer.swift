internal import Cipher
public import EventLoop
public import Orders
internal import Postgres

/// Seals what is stored with the active key, page by page, while everything else goes on: a row that changes meanwhile is
/// left as it is, and its place is noted in the same transaction, so that it can be stopped at any moment.
@LoopActor
public struct Resealer {
  /// What is sealed, by place and by the id of its key.
  public typealias Counts = [(place: SealedPlace, byKey: [String: Int])]

  /// What was done in one go.
  public struct Done: Sendable {
    public var resealed = 0
    /// What none of this process's keys opens, with some of the rows: by place and why.
    public var unreadable: [String: Int] = [:]
    /// Orders that have the PIN of another one, which was not noticed under two keys.
    public var sharedPins: [String] = []
  }

  public static let countedPage = 5000
  private static let pageMax = 500
  private static let passesMax = 3

  private let store: Store
  public nonisolated init(_ store: Store) { self.store = store }

  /// Counts what is sealed. Goes through all of it: about a second for a million orders.
  ///
  /// - Parameter pageSize: rows of one statement.
  public func counts(pageSize: Int = countedPage) async throws -> Counts {
    var counts: Counts = []
    for place in SealedPlace.all {
      var byKey: [String: Int] = [:]
      if place.name == SealedPlace.tokens.name {
        let sql = "SELECT encode(substring(sealed FROM 2 FOR 4), 'hex'), count(*) FROM provider_tokens GROUP BY 1"
        for row in try await run(sql) {
          if let id = try row.textOrNil(0) { byKey[id] = Int(try row.int(1)) }
        }
      } else {
        var after = place.first
        while true {
          let rows = try await store.pool.run(place.count, [.text(after), .int(pageSize)])
          for row in rows { if let id = try row.textOrNil(0) { byKey[id, default: 0] += Int(try row.int(1)) } }
          guard let row = rows.first, try row.int(3) == pageSize else { break }
          after = try row.text(2)
        }
      }
      counts.append((place, byKey))
    }
    return counts
  }

  /// Where a key sealed anything. What hangs on it can't be taken back (the key is given up), so it is not left to counting by pages.
  public func places(sealedBy id: String) async throws -> [SealedPlace] {
    var places: [SealedPlace] = []
    for place in SealedPlace.all {
      let found = try await store.pool.run(place.isSealed, [.bytea(Hexadecimal.decode(id) ?? [])]).single()
      if try found.bool(0) { places.append(place) }
    }
    return places
  }

  /// Seals all with the active key that this process can read and another key sealed.
  ///
  /// - Parameters:
  ///   - rate: rows a second, at most.
  ///   - onProgress: called after each page with how many were resealed since the start.
  public func reseal(rate: Int, _ onProgress: @LoopActor (SealedPlace, Int) -> Void) async throws -> Done {
    let vault = try store.vault
    var done = Done()
    // What a process still sealed with the old key while this ran, in what was gone through already, is found the next time.
    for pass in 1...Self.passesMax {
      let before = done.resealed
      done.unreadable = [:]
      for place in SealedPlace.all where place.name != SealedPlace.tokens.name {
        try await reseal(place, vault, isFirst: pass == 1, rate: rate, &done) { onProgress(place, $0) }
      }
      done.resealed += try await forgetTokens(vault)
      if done.resealed == before { break }
    }
    _ = try await run("DELETE FROM reseal_marks")
    return done
  }

  private func reseal(
    _ place: SealedPlace, _ vault: Vault, isFirst: Bool, rate: Int, _ done: inout Done,
    _ onProgress: @LoopActor (Int) -> Void
  ) async throws {
    let active = vault.currentKeyID
    var after = place.first
    if isFirst, let mark = try await mark(of: place, active) { after = mark }
    // What is looked at; of a row in a page, few or all are sealed with another key.
    let size = min(Self.pageMax, max(1, rate))
    let keyBytes = Hexadecimal.decode(active) ?? []
    while true {
      let begun = ContinuousClock.now
      let rows = try await store.pool.run(place.page, [.text(after), .int(size), .bytea(keyBytes)])
      guard let last = rows.last else { return }
      after = try last.text(0)
      var change = Change()
      for row in rows.dropLast() {
        try change.add(row, place, vault, &done)
      }
      if !change.keys.isEmpty {
        done.resealed += try await write(change, place, after: after, active, &done)
        onProgress(done.resealed)
        let due = Duration.milliseconds(change.keys.count * 1000 / max(1, rate))
        let pause = due - (ContinuousClock.now - begun)
        if pause > .zero { try await EventLoop.sleep(for: pause) }
      } else {
        _ = try await store.pool.run(Self.note, [.text(place.name), .text(active), .text(after)])
      }
    }
  }

  /// A page that is sealed anew.
  private struct Change {
    var keys: [String] = []
    var old: [[UInt8]] = []
    var new: [[UInt8]] = []
    /// Of stock codes and PINs: the keyed hash that others are compared with.
    var newPrints: [[UInt8]] = []
    var oldPrints: [[UInt8]] = []

    mutating func add(_ row: PostgresRow, _ place: SealedPlace, _ vault: Vault, _ done: inout Done) throws {
      let (key, sealed, subject) = (try row.text(0), try row.bytes(1), try row.text(2))
      let plain: [UInt8]
      do { plain = try vault.open(sealed, context: place.context(key, subject)) } catch {
        done.unreadable["\(place.name): \(error)", default: 0] += 1
        return
      }
      var context = place.context(key, subject)
      if let prints = place.prints {
        let print = vault.fingerprint(of: plain, purpose: "pin")
        if case .stock = prints { context = place.context(key, Hexadecimal.encode(print)) }
        newPrints.append(print)
        let id = Vault.keyID(of: sealed) ?? ""
        oldPrints.append(vault.fingerprint(of: plain, purpose: "pin", keyID: id) ?? print)
      }
      keys.append(key)
      old.append(sealed)
      new.append(vault.seal(plain, context: context))
    }

    func only(_ index: Int) -> Change {
      var one = Change()
      (one.keys, one.old, one.new) = ([keys[index]], [old[index]], [new[index]])
      if !newPrints.isEmpty { (one.newPrints, one.oldPrints) = ([newPrints[index]], [oldPrints[index]]) }
      return one
    }
  }

  private func write(
    _ change: Change, _ place: SealedPlace, after: String, _ active: String, _ done: inout Done
  ) async throws -> Int {
    do {
      return try await writeAtOnce(change, place, after: after, active)
    } catch {
      // Two rows with one print: the others of the page are no worse for it.
      guard (error as? PostgresError)?.sqlstate == "23505" else { throw error }
    }
    var count = 0
    for index in change.keys.indices {
      let one = change.only(index)
      do {
        count += try await writeAtOnce(one, place, after: after, active)
      } catch {
        guard (error as? PostgresError)?.sqlstate == "23505" else { throw error }
        if case .pins = place.prints {
          done.sharedPins.append(one.keys[0])
          count += try await writeAtOnce(one, place, after: after, active, printsToo: false)
        } else {
          done.unreadable["\(place.name): the same code is there twice, under two keys", default: 0] += 1
        }
      }
    }
    return count
  }

  private func writeAtOnce(
    _ change: Change, _ place: SealedPlace, after: String, _ active: String, printsToo: Bool = true
  ) async throws -> Int {
    var parameters: [PostgresParameter] = [
      .textArray(change.keys), .byteaArray(change.old), .byteaArray(change.new),
    ]
    if case .stock = place.prints { parameters.append(.byteaArray(change.newPrints)) }
    var statements: [(PostgresStatement, [PostgresParameter])] = [(place.put, parameters)]
    if case .pins = place.prints, printsToo {
      for statement in [Self.movePins, Self.movePrints] {
        statements.append(
          (statement, [.textArray(change.keys), .byteaArray(change.oldPrints), .byteaArray(change.newPrints)]))
      }
    }
    statements.append((Self.note, [.text(place.name), .text(active), .text(after)]))
    return try await store.pool.transaction(statements)[0].count
  }

  /// $1 orders, $2 the prints of their PINs of before, $3 those of now.
  private nonisolated static let movePins = PostgresStatement(
    name: "",
    sql: """
      UPDATE pins p SET print = encode(substring(n.new FOR 16), 'hex')::uuid
      FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (order_id, old, new)
      WHERE p.print = encode(substring(n.old FOR 16), 'hex')::uuid AND p.order_id = n.order_id AND n.old <> n.new
      """)
  private nonisolated static let movePrints = PostgresStatement(
    name: "",
    sql: """
      UPDATE pin_prints p SET print = n.new FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (order_id, old, new)
      WHERE p.print = n.old AND p.order_id = n.order_id AND n.old <> n.new
      """)

  private nonisolated static let note = PostgresStatement(
    name: "",
    sql: """
      INSERT INTO reseal_marks (place, key_id, after) VALUES ($1::text, $2::text, $3::text)
      ON CONFLICT (place) DO UPDATE SET key_id = excluded.key_id, after = excluded.after, moved_at = now()
      """)

  private func mark(of place: SealedPlace, _ active: String) async throws -> String? {
    let statement = PostgresStatement(
      name: "", sql: "SELECT after FROM reseal_marks WHERE place = $1::text AND key_id = $2::text")
    return try await store.pool.run(statement, [.text(place.name), .text(active)]).first?.text(0)
  }

  private func forgetTokens(_ vault: Vault) async throws -> Int {
    let statement = PostgresStatement(
      name: "",
      sql: "DELETE FROM provider_tokens WHERE substring(sealed FROM 2 FOR 4) <> $1::bytea RETURNING provider_id")
    return try await store.pool.run(statement, [.bytea(Hexadecimal.decode(vault.currentKeyID) ?? [])]).count
  }

  private func run(_ sql: String) async throws -> PostgresRows {
    try await store.pool.run(PostgresStatement(name: "", sql: sql), [])
  }
}
