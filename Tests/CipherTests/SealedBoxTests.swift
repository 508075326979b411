import Testing

@testable import Cipher

@Suite struct SealedBoxTests {
  private static let key = Array(UInt8(0)..<32)
  private static let box = SealedBox(publicKey: SealedBox.publicKey(of: key))

  /// Made by PyPI's `cryptography` 50.
  @Test func opensWhatOthersSealed() throws {
    let sealed = try #require(
      Hexadecimal.decode(
        "c60e07e0ef00150584f02216a48c18102ebd7136e1063269c02f24a92ecc4d116bc39402ae7b434e7a081fdcc3586cba9b608227e277e319"
      ))
    #expect(
      SealedBox.open(sealed, privateKey: Self.key, info: Array("sevk pin o o/1".utf8)) == Array("PIN-1234".utf8))
  }

  @Test(arguments: ["", "1", "PIN-1234-ÇĞİ-🎮", String(repeating: "x", count: 10_000)])
  func opensWhatItSealed(_ text: String) throws {
    let box = try #require(Self.box)
    let sealed = box.seal(Array(text.utf8), info: [1, 2, 3])
    #expect(sealed.count == 48 + text.utf8.count)
    #expect(SealedBox.open(sealed, privateKey: Self.key, info: [1, 2, 3]) == Array(text.utf8))
    #expect(box.seal(Array(text.utf8), info: [1, 2, 3]) != sealed)
  }

  @Test func opensForNobodyElseAndForNothingElse() throws {
    let sealed = try #require(Self.box).seal(Array("PIN".utf8), info: [1])
    #expect(SealedBox.open(sealed, privateKey: [9] + Self.key.dropFirst(), info: [1]) == nil)
    #expect(SealedBox.open(sealed, privateKey: Self.key, info: [2]) == nil)
    #expect(SealedBox.open(sealed, privateKey: Self.key, info: []) == nil)
    for index in sealed.indices {
      var changed = sealed
      changed[index] ^= 1
      #expect(SealedBox.open(changed, privateKey: Self.key, info: [1]) == nil, "byte \(index)")
    }
    for count in [0, 31, 32, 47, sealed.count - 1] {
      #expect(SealedBox.open(Array(sealed.prefix(count)), privateKey: Self.key, info: [1]) == nil)
    }
  }

  /// The points of low order, and what is no key.
  @Test(arguments: [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "09000000000000000000000000000000000000000000000000000000000000ff", "", "09",
    "090000000000000000000000000000000000000000000000000000000000000000",
  ])
  func whatIsNoKeyIsRefused(_ text: String) throws {
    #expect(SealedBox(publicKey: try #require(Hexadecimal.decode(text))) == nil)
  }
}
