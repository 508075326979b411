import Orders
import Seeded
import Testing

@Suite struct MoneyTests {
  @Test(arguments: [
    ("0", 0), ("12", 120_000), ("12.5", 125_000), ("12755.23", 127_552_300), ("0.0001", 1), ("-5", -50_000),
    ("+5", 50_000), ("-0.5", -5000), (".5", 5000), (",5", 5000), ("1.5000", 15_000), ("1.50000000", 15_000),
    ("  7.25 ", 72_500), ("1,5", 15_000), ("1,50", 15_000), ("1,5000", 15_000),
    ("1.234,50", 12_345_000), ("1,234.50", 12_345_000), ("1.234,567", 12_345_670), ("1,234.567", 12_345_670),
    ("1.234.567", 12_345_670_000), ("1,234,567", 12_345_670_000), ("1.234.567,89", 12_345_678_900),
    ("12,345,678.9", 123_456_789_000), ("000012.50", 125_000), ("999999999999.9999", 9_999_999_999_999_999),
    // Nobody groups these as thousands.
    ("0.250", 2500), ("0,500", 5000), (".125", 1250), ("12755.250", 127_552_500), ("12755,250", 127_552_500),
    // What PHP prints of floats.
    ("12755.230000000001", 127_552_300), ("12755.229999999999", 127_552_300), ("-12755.230000000001", -127_552_300),
    ("0.30000000000000004", 3000), ("0.12999999999999", 1300), ("9.999999999999998", 100_000),
    ("99999999999.229996", 999_999_999_992_300), ("2.8421709430404E-14", 0), ("-1.0E-9", 0), ("7E-12", 0),
  ])
  func reads(_ text: String, _ tenThousandths: Int64) throws {
    #expect(try #require(Money(parsing: text)).tenThousandths == tenThousandths)
  }

  @Test(arguments: [
    "1.234", "1.250", "-12.345", "999.500", "1.2345678901234", "12755.23456789012", "1.500000001", "1.50000001",
    "2.8E-5", "1.0E+25", "1E-", "E-14", "1.E-14", "1.5E-1000", "12755.2300001", "1234567890.229996",
    "", " ", "-", "+", ".", ",", "-.", "1,234", "-1,234", "12,345", "1.2.3,4", "1,2.3.4", "1.2.3", "1,2,3",
    "1.", "1,", "1.234,", "12.34,5", "1234.567.890", "1.,5", "1..5", "1,,5", "--5", "+-5", "- 5", "1 2", "1e5", "NaN",
    "inf", "0x10", "5 TL", "TL5", "1.23456", "1,234.56789", "٣", "１２", "½", "1\u{301}", "1\n", "\t1", "1_000",
    "1000000000000", "99999999999999.9999", "100000000000000000", "999999999999999999999999999999",
    "9223372036854775807",
  ])
  func refusesWhatIsNoAmountOrCouldBeTwo(_ text: String) {
    #expect(Money(parsing: text) == nil)
  }

  @Test(arguments: [
    (0, "0.00"), (1, "0.0001"), (10, "0.0010"), (12_500_000, "1250.00"), (12_345_500, "1234.55"), (12_500, "1.25"),
    (12_340, "1.2340"), (100, "0.01"), (125_000, "12.50"), (125_500, "12.55"),
    (-125, "-0.0125"), (-50_000, "-5.00"), (Int64.max, "922337203685477.5807"), (Int64.min, "-922337203685477.5808"),
  ])
  func prints(_ tenThousandths: Int64, _ text: String) {
    #expect(Money(tenThousandths: tenThousandths).description == text)
  }

  @Test func whatIsPrintedReadsBack() {
    var random = SeededGenerator(seed: testSeed)
    for _ in 0..<20_000 {
      let digits = Int.random(in: 1...15, using: &random)
      let bound = Int64(repeatElement(10, count: digits).reduce(1, *))
      let money = Money(tenThousandths: .random(in: -bound...bound, using: &random))
      #expect(Money(parsing: money.description) == money, "seed \(testSeed)")
    }
  }

  @Test func garbageNeverTraps() {
    var random = SeededGenerator(seed: testSeed)
    let alphabet = Array("0123456789.,,..-+ e٣")
    for _ in 0..<50_000 {
      let length = Int.random(in: 0...24, using: &random)
      let text = String((0..<length).map { _ in alphabet.randomElement(using: &random) ?? "0" })
      guard let money = Money(parsing: text) else { continue }
      #expect(Money(parsing: money.description) == money, "\(text), seed \(testSeed)")
    }
  }

  /// Where the provider's settings say which mark is decimal, the other one only groups.
  @Test(arguments: [
    ("1.250", Money.DecimalMark.point, 12_500), ("1.250", .comma, 12_500_000), ("1,250", .comma, 12_500),
    ("1,250", .point, 12_500_000), ("1,234.567", .point, 12_345_670), ("1.234,567", .comma, 12_345_670),
    ("12", .comma, 120_000), ("-1.250", .comma, -12_500_000), ("12755.230000000001", .point, 127_552_300),
  ])
  func aMarkThatIsKnownReadsOneWay(_ text: String, _ mark: Money.DecimalMark, _ tenThousandths: Int64) {
    #expect(Money(parsing: text, decimalMark: mark)?.tenThousandths == tenThousandths)
  }

  @Test(arguments: [
    ("12.5", Money.DecimalMark.comma), ("1,23", .point), ("1.234.567", .point), ("1.234,567", .point),
    ("1,2,3", .comma),
  ])
  func aMarkThatIsKnownRefusesTheOther(_ text: String, _ mark: Money.DecimalMark) {
    #expect(Money(parsing: text, decimalMark: mark) == nil)
  }

  @Test func sumsStayAtTheirBounds() {
    let (most, least, one) = (Money(tenThousandths: .max), Money(tenThousandths: .min), Money(tenThousandths: 1))
    #expect(most + one == most && most + most == most && least + least == least && least - one == least)
    #expect(
      most - least == most && least - most == least && least.magnitude == most
        && most + least == .init(tenThousandths: -1))
    #expect(
      most * 2 == most && least * 2 == least && most * -2 == least && least * -1 == most
        && one * 3 == Money(tenThousandths: 3))
  }

  @Test func arithmeticAndOrder() {
    let (a, b) = (Money(tenThousandths: 125_000), Money(tenThousandths: 25_001))
    #expect((a + b).tenThousandths == 150_001)
    #expect((b - a).tenThousandths == -99_999)
    #expect((b - a).magnitude.tenThousandths == 99_999)
    #expect(b < a)
    #expect(!(a < a))
  }
}
