import Testing

@testable import Cipher

@Suite struct VaultTests {
  private static let oldKey = Base64.encode(Array(repeating: 7, count: 32))
  private static let newKey = Base64.encode(Array(0..<32))

  @Test(arguments: ["", "1", "PIN-1234-ÇĞİ-🎮", String(repeating: "x", count: 10_000)])
  func opensWhatItSealed(_ text: String) throws {
    let vault = try Vault(keys: Self.newKey)
    let sealed = vault.seal(Array(text.utf8), context: "order:1")
    #expect(sealed.count == 33 + text.utf8.count)
    #expect(try vault.open(sealed, context: "order:1") == Array(text.utf8))
    // Never the same bytes twice.
    #expect(vault.seal(Array(text.utf8), context: "order:1") != sealed)
  }

  @Test func everyChangedByteIsRefused() throws {
    let vault = try Vault(keys: Self.newKey)
    let sealed = vault.seal(Array("PIN-1234".utf8), context: "order:1")
    for index in sealed.indices {
      for bit in 0..<8 {
        var changed = sealed
        changed[index] ^= 1 << bit
        #expect(throws: VaultError.self, "byte \(index)") { try vault.open(changed, context: "order:1") }
      }
    }
    for length in 0..<sealed.count {
      #expect(throws: VaultError.tampered) { try vault.open(Array(sealed.prefix(length)), context: "order:1") }
    }
    #expect(throws: VaultError.tampered) { try vault.open(sealed + [0], context: "order:1") }
  }

  @Test func anotherContextIsRefused() throws {
    let vault = try Vault(keys: Self.newKey)
    let sealed = vault.seal([1, 2, 3], context: "order:1")
    for context in ["order:2", "", "order:11", "Order:1"] {
      #expect(throws: VaultError.tampered) { try vault.open(sealed, context: context) }
    }
  }

  @Test func rotationReadsOldAndSealsNew() throws {
    let old = try Vault(keys: Self.oldKey)
    let both = try Vault(keys: " \(Self.newKey) , \(Self.oldKey)\n")
    let new = try Vault(keys: Self.newKey)
    let before = old.seal([1, 2, 3], context: "c")
    #expect(try both.open(before, context: "c") == [1, 2, 3])
    let after = both.seal([4], context: "c")
    #expect(try new.open(after, context: "c") == [4])
    #expect(both.currentKeyID == new.currentKeyID)
    let error = #expect(throws: VaultError.self) { try new.open(before, context: "c") }
    #expect(error == .unknownKey(id: old.currentKeyID))
    #expect(error?.description.contains(old.currentKeyID) == true)
    #expect(throws: VaultError.unknownKey(id: new.currentKeyID)) { try old.open(after, context: "c") }
  }

  @Test func keyIDIsTheHeadOfItsHash() throws {
    let vault = try Vault(keys: Self.newKey)
    #expect(vault.currentKeyID == Hexadecimal.encode(Digest.sha256(Array(0..<32)).prefix(4)))
    #expect(Hexadecimal.encode(vault.seal([], context: "").prefix(5)) == "01" + vault.currentKeyID)
  }

  @Test(arguments: [
    (Base64.encode(Array(repeating: 1, count: 16)), "the secret key must be 32 bytes in base64, this one is 16 bytes;"),
    ("", "this one is 0 bytes;"),
    ("not base64!", "this one is not base64;"),
    ("\(newKey),", "secret key 2 of 2 must be 32 bytes in base64, this one is 0 bytes;"),
    ("\(newKey),\(oldKey),AAAA", "secret key 3 of 3 must be 32 bytes in base64, this one is 3 bytes;"),
  ])
  func wrongKeysSayWhatIsWrong(keys: String, text: String) {
    let error = #expect(throws: VaultError.self) { try Vault(keys: keys) }
    #expect(error?.description.contains(text) == true)
    #expect(error?.description.hasSuffix("make one with: openssl rand -base64 32") == true)
    if !keys.isEmpty { #expect(error?.description.contains(keys) == false) }
  }

  /// Test cases 13 to 16 of the GCM specification (McGrew and Viega), those with a 256-bit key and a 96-bit nonce.
  @Test(arguments: [
    (
      String(repeating: "00", count: 32), "000000000000000000000000", "", "",
      "530f8afbc74536b9a963b4f1c4cb738b"
    ),
    (
      String(repeating: "00", count: 32), "000000000000000000000000", String(repeating: "00", count: 16), "",
      "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
    ),
    (
      "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
      "feedfacedeadbeeffeedfacedeadbeefabaddad2",
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        + "76fc6ece0f4e1768cddf8853bb2d551b"
    ),
  ])
  func knownAnswers(key: String, nonce: String, plain: String, aad: String, sealed: String) throws {
    func bytes(_ text: String) throws -> [UInt8] { try #require(Hexadecimal.decode(text)) }
    let made = AESGCM.seal(try bytes(plain), key: try bytes(key), nonce: try bytes(nonce), aad: try bytes(aad))
    #expect(Hexadecimal.encode(made) == sealed)
    #expect(
      AESGCM.open(made[...], key: try bytes(key), nonce: try bytes(nonce), aad: try bytes(aad)) == (try bytes(plain)))
  }
}
