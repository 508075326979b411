import Orders

extension Duration {
  /// As people say it, to the second: `640 ms`, `2.1 s`, `40 s`, `11 min 4 s`, `3 h 20 min`, `2 d 4 h`.
  public var inExactWords: String {
    let milliseconds = milliseconds
    let seconds = milliseconds / 1000
    func pair(_ first: Int64, _ unit: String, _ second: Int64, _ smaller: String) -> String {
      "\(first) \(unit)" + (second == 0 ? "" : " \(second) \(smaller)")
    }
    switch seconds {
    case ..<1: return "\(milliseconds) ms"
    case ..<10: return milliseconds / 100 % 10 == 0 ? "\(seconds) s" : "\(seconds).\(milliseconds / 100 % 10) s"
    case ..<60: return "\(seconds) s"
    case ..<3600: return pair(seconds / 60, "min", seconds % 60, "s")
    case ..<86_400: return pair(seconds / 3600, "h", seconds / 60 % 60, "min")
    default: return pair(seconds / 86_400, "d", seconds / 3600 % 24, "h")
    }
  }
}
