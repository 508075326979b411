import API
import Cipher
import Orders
import Store
import Testing

@Suite struct PageTokenTests {
  private static func vault(_ bytes: UInt8...) throws -> Vault {
    try Vault(keys: bytes.map { Base64.encode([UInt8](repeating: $0, count: 32)) }.joined(separator: ","))
  }

  private func order(_ number: UInt64) -> OrderID {
    var random = SystemRandomNumberGenerator()
    return OrderID(milliseconds: number, using: &random)
  }

  @Test func itLeadsToItsOrderAndToNoOther() throws {
    let vault = try Self.vault(1)
    let id = order(1)
    let token = PageToken.make(id, vault)
    #expect(token.utf8.count == PageToken.length && PageToken.read(token, vault) == id)
    #expect(OrderID(bytes: id.bytes) == id && OrderID(bytes: id.bytes.dropLast()) == nil)
    // Made anew it is the same: it is stored nowhere.
    #expect(PageToken.make(id, vault) == token)
    let other = PageToken.make(order(2), vault)
    // The one's order with the other's proof: half of the bytes are the order.
    let bytes = [token, other].compactMap { Base64.decodeURLSafe($0) }
    let mixed = Base64.encodeURLSafe(Array(bytes[0].prefix(16) + bytes[1].dropFirst(16)))
    #expect(PageToken.read(mixed, vault) == nil && PageToken.read(other, vault) != id)
  }

  @Test func whatIsChangedAnywhereLeadsNowhere() throws {
    let vault = try Self.vault(1)
    let token = PageToken.make(order(1), vault)
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. "
    for index in token.indices {
      for digit in digits where digit != token[index] {
        var forged = token
        forged.replaceSubrange(index...index, with: String(digit))
        // The last digit has two bits that say nothing: another way to write the same is refused as well.
        #expect(PageToken.read(forged, vault) == nil, "\(forged)")
      }
    }
    for bad in [
      "", String(token.dropLast()), String(token.dropFirst()), token + "A", token + "=", token + token, " " + token,
    ] {
      #expect(PageToken.read(bad, vault) == nil, "\(bad)")
    }
  }

  @Test func itLivesAndDiesWithItsKey() throws {
    let (old, new) = (try Self.vault(1), try Self.vault(2))
    let id = order(1)
    let token = PageToken.make(id, old)
    #expect(PageToken.read(token, new) == nil)
    // While it is rotated, both are there, and the new one makes.
    let both = try Self.vault(2, 1)
    #expect(PageToken.read(token, both) == id)
    #expect(PageToken.make(id, both) == PageToken.make(id, new) && PageToken.make(id, both) != token)
    #expect(PageToken.read(PageToken.make(id, both), both) == id)
    // What is hashed for something else is no token.
    let print = old.fingerprint(of: id.bytes, purpose: "pin").prefix(16)
    #expect(PageToken.read(Base64.encodeURLSafe(id.bytes + print), old) == nil)
  }

  @Test func onlyWhoMayReadPinsHasTheLink() throws {
    let links = PageLinks(base: "https://live.shop.example", vault: try Self.vault(1))
    func grant(_ scopes: Set<String>) -> TokenGrant {
      TokenGrant(
        tenantID: 1, tenant: "shop", scopes: scopes, tokenID: 1, prefix: "", ratePerSecond: nil, rateBurst: nil)
    }
    let id = order(1)
    #expect(links.url(of: id, for: grant(["orders:read", "orders:write"])) == nil)
    let url = try #require(links.url(of: id, for: grant(["orders:read", "pins:read"])))
    #expect(url.hasPrefix("https://live.shop.example/o/") && url.utf8.count == 25 + 3 + PageToken.length)
  }
}
