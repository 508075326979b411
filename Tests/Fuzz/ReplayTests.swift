import Foundation
import Testing

/// The corpus of `ops/fuzz`, and some thousand mutations of it, in every run of the tests.
@Suite struct ReplayTests {
  private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
    "corpus")
  private static let mutationsPerInput = 300
  private static let inputsMutatedMax = 40

  @Test(arguments: FuzzTargets.all.keys.sorted())
  func noInputBreaksAPromise(name: String) throws {
    let target = try #require(FuzzTargets.all[name])
    let folder = Self.corpus.appendingPathComponent(name)
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(!files.isEmpty)
    var state: UInt64 = 20_261_121
    for (number, file) in files.sorted(by: { $0.path < $1.path }).enumerated() {
      let input = [UInt8](try Data(contentsOf: file))
      target(input)
      guard number < Self.inputsMutatedMax else { continue }
      for _ in 0..<Self.mutationsPerInput { target(Self.mutated(input, &state)) }
    }
  }

  private static func mutated(_ input: [UInt8], _ state: inout UInt64) -> [UInt8] {
    func random(_ bound: Int) -> Int {
      // Knuth's constants; the high bits are the random ones.
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % max(1, bound)
    }
    var bytes = input
    for _ in 0...random(4) {
      let place = random(bytes.count)
      switch random(5) {
      case 0: bytes.insert(UInt8(random(256)), at: place)
      case 1 where !bytes.isEmpty: bytes.remove(at: place)
      case 2 where !bytes.isEmpty: bytes[place] = UInt8(random(256))
      case 3 where !bytes.isEmpty: bytes.insert(contentsOf: bytes[place...].prefix(16), at: random(bytes.count))
      default: bytes = Array(bytes.prefix(place))
      }
    }
    return bytes
  }
}
