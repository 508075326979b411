import Testing

@testable import QRCode

@Suite struct QRCodeTests {
  /// The three marks by which a reader finds it, and the line between two of them.
  @Test func aTextIsAQRCode() throws {
    let rows = try #require(QRCode.modules("K7WX-94PQ"))
    #expect(rows.count == 21 && rows.allSatisfy { $0.count == 21 })
    let mark = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"]
    for (x, y) in [(0, 0), (14, 0), (0, 14)] {
      let found = (0..<7).map { row in rows[y + row][x..<x + 7].map { $0 ? "#" : "." }.joined() }
      #expect(found == mark, "at \(x), \(y)")
    }
    #expect((8..<13).map { rows[6][$0] } == [true, false, true, false, true])
    #expect(QRCode.modules("K7WX-94PR") != rows)
  }

  @Test func asAPictureEveryDarkModuleIsThere() throws {
    let svg = try #require(QRCode.svg("K7WX-94PQ", attributes: "class=\"qr\""))
    #expect(svg.contains("viewBox=\"0 0 29 29\"") && svg.contains("class=\"qr\"") && svg.utf8.count < 4000)
    let runs = svg.matches(of: /M(\d+) (\d+)h(\d+)v1h-\d+z/).map { (Int($0.1)!, Int($0.2)!, Int($0.3)!) }
    var drawn = [[Bool]](repeating: [Bool](repeating: false, count: 21), count: 21)
    for (x, y, count) in runs { for step in 0..<count { drawn[y - 4][x - 4 + step] = true } }
    #expect(drawn == QRCode.modules("K7WX-94PQ"))
  }

  @Test func whatNoQRCodeHoldsIsNone() {
    #expect(QRCode.svg("") == nil)
    #expect(QRCode.svg(String(repeating: "x", count: 5000)) == nil)
    #expect(QRCode.svg(String(repeating: "ş", count: 100)) != nil)
  }
}
