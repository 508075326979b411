import Cipher
import Testing

@Suite struct DigestTests {
  /// The examples of FIPS 180-2.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func sha256(text: String, hash: String) {
    #expect(Hexadecimal.encode(Digest.sha256(text.utf8)) == hash)
  }

  /// Test cases 1 and 2 of RFC 4231.
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0B, count: 20), "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
  ])
  func hmacSHA256(key: [UInt8], text: String, hash: String) {
    #expect(Hexadecimal.encode(Digest.hmacSHA256(text.utf8, key: key)) == hash)
  }

  @Test func constantTimeEquals() {
    #expect(Digest.constantTimeEquals([1, 2, 3], [1, 2, 3]))
    #expect(Digest.constantTimeEquals([], []))
    #expect(!Digest.constantTimeEquals([1, 2, 3], [1, 2, 4]))
    #expect(!Digest.constantTimeEquals([1, 2, 3], [1, 2]))
    #expect(!Digest.constantTimeEquals([], [0]))
  }

  @Test func randomBytesDiffer() {
    #expect(RandomBytes.make(32).count == 32)
    #expect(RandomBytes.make(32) != RandomBytes.make(32))
    #expect(RandomBytes.make(0).isEmpty)
  }

  /// The examples of RFC 4648, and bytes that use the last two digits.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"), ("~~~???", "fn5+Pz8/"),
  ])
  func base64(text: String, encoded: String) {
    #expect(Base64.encode(Array(text.utf8)) == encoded)
    #expect(Base64.decode(encoded) == Array(text.utf8))
  }

  @Test(arguments: ["Zg", "Zg=", "Z===", "Zm9v\n", "Zg==Zg==", "Z g=", "Zm9-", "====", "çççç"])
  func notBase64(_ text: String) { #expect(Base64.decode(text) == nil) }

  @Test func urlSafeHasNeitherPaddingNorSlash() {
    #expect(Base64.encodeURLSafe(Array("~~~???f".utf8)) == "fn5-Pz8_Zg")
  }

  @Test func hexadecimal() {
    #expect(Hexadecimal.encode([0, 15, 255]) == "000fff")
    #expect(Hexadecimal.decode("000fFF") == [0, 15, 255])
    for text in ["0", "0g", "0x", "１２", "-1"] { #expect(Hexadecimal.decode(text) == nil) }
  }
}
