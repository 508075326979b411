import FoundationEssentials

/// What the ``Counter``s of one phase say together.
struct Tally {
  private(set) var count = 0
  /// How many processes are at the gate or beyond.
  private(set) var processes = 0
  private var first = UInt64.max
  private var last = UInt64.min

  /// From the beginning of the first to the end of the last.
  var seconds: Double { last > first ? Double(last - first) / 1e9 : 0 }

  init(folder: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where Int(name) != nil {
      processes += 1
      guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
      let bytes = Array(data)
      for start in stride(from: 0, to: bytes.count - Counter.slotBytes + 1, by: Counter.slotBytes) {
        let numbers = (0..<3).map { field in
          (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + field * 8 + $1]) << UInt64($1 * 8) }
        }
        guard numbers[0] > 0 else { continue }
        count += Int(numbers[0])
        first = min(first, numbers[1])
        last = max(last, numbers[2])
      }
    }
  }
}
