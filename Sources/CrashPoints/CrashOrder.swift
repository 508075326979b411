#if SEVK_CRASH_POINTS
  import Glibc
  import Synchronization

  /// The signal that this process gives itself at one ``CrashPoint``, as its environment says.
  @usableFromInline
  final class CrashOrder: Sendable {
    private static let signals = [("SEVK_CRASH_AT", SIGKILL), ("SEVK_STOP_AT", SIGSTOP), ("SEVK_TERM_AT", SIGTERM)]

    @usableFromInline static let current: CrashOrder? = {
      for (variable, signal) in signals {
        guard let text = getenv(variable).map({ String(cString: $0) }) else { continue }
        guard let order = CrashOrder(text, signal) else {
          say("\(variable)=\(text) names no point; there are: \(CrashPoint.allCases.map(\.rawValue))")
          // EX_USAGE: to go on would make a test pass that tested nothing.
          _exit(64)
        }
        return order
      }
      return nil
    }()

    @usableFromInline let point: CrashPoint
    private let signal: Int32
    /// How many times the point is passed, this time included, until the signal comes.
    private let left: Atomic<Int>

    private init?(_ text: String, _ signal: Int32) {
      let parts = text.split(separator: ":", maxSplits: 1)
      guard let point = parts.first.flatMap({ CrashPoint(rawValue: String($0)) }),
        let times = parts.count == 1 ? 1 : Int(parts[1]), times > 0
      else { return nil }
      self.point = point
      self.signal = signal
      left = Atomic(times)
    }

    @usableFromInline
    func reach(_ point: CrashPoint) {
      guard point == self.point, left.subtract(1, ordering: .relaxed).newValue == 0 else { return }
      Self.say("signal \(signal) at \(point.rawValue), as the environment asks")
      // SIGKILL and SIGSTOP to this very thread, so that they take effect before the next instruction. SIGTERM to the
      // process, since threads of the pool block it.
      if signal == SIGTERM { kill(getpid(), signal) } else { raise(signal) }
    }

    private static func say(_ text: String) {
      var line = text + "\n"
      _ = line.withUTF8 { write(2, $0.baseAddress, $0.count) }
    }
  }
#endif
