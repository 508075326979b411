import Adapters
import Orders
import Seeded
import Testing

/// Whatever happens to a reply's bytes on the way, it never crashes a reader and never completes an order that is not.
@Suite struct ZnetMutationTests {
  static let corpus = [
    "OK|1| |İşlem sırada", "OK|3| |İptal edildi", "OK|3|Stok yok|", "OK|3| | ", "3|İşlem bulunamadı",
    "3|Yetkisiz erisim", "OK|2|AB12-CD34|Onaylandı", "OK|2|-|Yüklendi", "OK|7| |x", "OK|32.50|12755.23",
    "OK|3|bayikodu yada şifre geçersiz|0.00", "8|Bağlantı hatası veya yetersiz bakiye", "OK|12755.23|0.00",
    "<html><body>502</body></html>", "", "3|Kupur Bilgisi Bulunamadı",
    #"{"success":true,"result":[{"id":"1","adi":"60 UC","fiyat":"32.50","kupur":"60","oyun_bilgi_id":"1"}],"error":""}"#,
  ]
  /// Bytes that mean something somewhere, so that mutations do more than spoil text.
  static let meaningful: [UInt8] = Array("|OK123-. \r\n<\"".utf8) + [0x00, 0xEF, 0xBB, 0xBF, 0xFF, 0x81, 0xC5]

  static func mutate(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let byte =
        Bool.random(using: &generator)
        ? meaningful.randomElement(using: &generator) ?? 0 : UInt8.random(in: 0...255, using: &generator)
      let index = Int.random(in: 0...bytes.count, using: &generator)
      switch Int.random(in: 0...3, using: &generator) {
      case 0: bytes.insert(byte, at: index)
      case 1 where index < bytes.count: bytes.remove(at: index)
      case 2 where index < bytes.count: bytes[index] = byte
      default: bytes = Array(bytes.prefix(index))
      }
    }
    return bytes
  }

  /// Written apart from the adapter's own, so that one mistake does not hide the other.
  static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
    var rest = bytes[...]
    while true {
      if rest.starts(with: [0xEF, 0xBB, 0xBF]) {
        rest = rest.dropFirst(3)
      } else if let first = rest.first, [0x20, 0x09, 0x0A, 0x0D].contains(first) {
        rest = rest.dropFirst()
      } else {
        return Array(rest)
      }
    }
  }

  @Test(arguments: [1, 2] as [UInt64])
  func onlyAStatusLineCompletes(_ seed: UInt64) throws {
    let znet = Znet()
    var generator = SeededGenerator(seed: seed)
    var completed = 0
    for round in 0..<20_000 {
      let original = Array(Self.corpus[round % Self.corpus.count].utf8)
      let mutated = Self.mutate(original, using: &generator)
      let wire = WireReply(status: 200, body: mutated)
      for account in [account, testedAccount] {
        let outcome = znet.readQuery(wire, account: account)
        let line = Self.trimmed(mutated)
        switch outcome {
        case .completed(let pin, _):
          completed += 1
          try #require(line.starts(with: Array("OK|2|".utf8)), "\(mutated)")
          if let pin {
            let shown = znet.redact(wire, kind: .query, pin: pin)
            // A PIN of one or two characters is found in the grammar itself.
            try #require(pin.secret.utf8.count < 4 || !Self.contains(shown, Array(pin.secret.utf8)), "\(mutated)")
          }
        case .cancelled:
          try #require(line.starts(with: Array("OK|3|".utf8)), "\(mutated)")
        case .notFound:
          try #require(account.trustNotFoundAfter != nil && line.starts(with: Array("3|".utf8)), "\(mutated)")
        case .waiting, .queryFailed, .unintelligible:
          break
        }
      }
      switch znet.readSend(wire) {
      case .accepted: try #require(Self.trimmed(mutated).starts(with: Array("OK|".utf8)), "\(mutated)")
      case .delivered: Issue.record("this panel delivers nothing in its answer to a send: \(mutated)")
      case .refused: try #require(Self.trimmed(mutated).starts(with: Array("3|".utf8)), "\(mutated)")
      case .notSent: Issue.record("a reply cannot prove that nothing was sent: \(mutated)")
      case .accountTrouble, .unknown: break
      }
      _ = znet.readProbe(wire)
      _ = try? znet.readCatalog(wire)
      for kind in Exchange.Kind.allCases { _ = znet.redact(wire, kind: kind, pin: nil) }
    }
    // Otherwise the test would have looked at nothing.
    #expect(completed > 100)
  }

  static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
    guard bytes.count >= part.count else { return false }
    return (0...(bytes.count - part.count)).contains { bytes[$0...].starts(with: part) }
  }
}
