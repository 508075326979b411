import Cipher
import EventLoop
import Foundation
import Orders
import Postgres
import Store
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct SecretsTests {
  private func delivered(_ bench: Bench, _ pin: String) async throws -> Order {
    let order = try await bench.order(.sending, .sent)
    var move = await bench.move(order, to: .completed)
    move.sealedPin = try await bench.store.seal(Pin(pin), of: order.id)
    try await bench.store.apply(move)
    return order
  }

  @Test func aPinIsSealedForItsOrderAndItsKey() async throws {
    let bench = try await Bench()
    let (one, other) = (try await delivered(bench, "SECRET-PIN-ğ"), try await delivered(bench, "OTHER-PIN"))
    let sealed = try await bench.sql("SELECT pin FROM orders WHERE id = $1::uuid", .text(one.id.description))[0].bytes(
      0)
    #expect(!String(decoding: sealed, as: UTF8.self).contains("SECRET"))
    let everything = try await bench.sql(
      "SELECT string_agg(o::text, '') || (SELECT string_agg(e::text, '') FROM events e) FROM orders o")[0].text(0)
    #expect(!everything.contains("SECRET") && !everything.contains(hex("SECRET")))
    #expect(try await bench.store.pin(of: one.id) == Pin("SECRET-PIN-ğ"))

    // Another key does not open it, and with the old key beside the new one it does.
    let newKey = Data(repeating: 9, count: 32).base64EncodedString()
    let stranger = Store(pool: bench.pool, vault: try Vault(keys: newKey))
    await #expect(throws: VaultError.self) { try await stranger.pin(of: one.id) }
    let rotated = Store(pool: bench.pool, vault: try Vault(keys: "\(newKey),\(Bench.key)"))
    #expect(try await rotated.pin(of: one.id) == Pin("SECRET-PIN-ğ"))

    // Moved to another order, it stays shut.
    _ = try await bench.sql(
      "UPDATE orders SET pin = $2 WHERE id = $1::uuid", .text(other.id.description), .bytea(sealed))
    await #expect(throws: VaultError.tampered) { try await bench.store.pin(of: other.id) }
  }

  @Test func credentialsAreSealed() async throws {
    let bench = try await Bench()
    let row = try await bench.sql("SELECT p::text FROM providers p")[0].text(0)
    #expect(!row.contains("SECRET-PASSWORD") && !row.contains(hex("SECRET-PASSWORD")))
    let provider = try #require(try await Directory(store: bench.store).provider(bench.provider))
    #expect(provider.credentials == ["kod": "me", "sifre": "SECRET-PASSWORD"])
    #expect(provider.timeout == .seconds(20) && provider.ratePerSecond == 5 && provider.concurrencyMax == 16)
    #expect(provider.trustNotFoundAfter == .seconds(300) && provider.balance == nil)
    #expect(provider.schedule(CheckSchedule()) == CheckSchedule(backoff: .seconds(7)))
    let stranger = Store(
      pool: bench.pool, vault: try Vault(keys: Data(repeating: 9, count: 32).base64EncodedString()))
    // It must not stop the providers that can be read.
    #expect(try await Directory(store: stranger).providers().isEmpty)
    #expect(await unreadable(stranger) == ["znet"])
  }

  @LoopActor
  private func unreadable(_ store: Store) async -> [String] {
    let directory = Directory(store: store)
    var names: [String] = []
    directory.onUnreadable = { names = $0.keys.sorted() }
    _ = try? await directory.providers()
    return names
  }

  private func hex(_ text: String) -> String {
    text.utf8.map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
  }
}
