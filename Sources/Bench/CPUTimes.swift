import CommandLine
import FoundationEssentials
import Glibc

/// CPU time that was spent, as the kernel books it: to 10 ms.
struct CPUTimes: Sendable {
  /// Seconds spent by all cores on anything, and stolen by the host.
  private let busy: Double
  private let stolen: Double
  /// Seconds that passed on all cores together.
  private let passed: Double
  private var processes: [pid_t: (parent: pid_t, own: Double, seconds: Double)] = [:]

  private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))

  /// Reads the books now.
  static func read() -> CPUTimes { CPUTimes() }

  private init() {
    // user nice system idle iowait irq softirq steal
    let line = readTextFile("/proc/stat")?.split(separator: "\n").first ?? ""
    let ticks = line.split(separator: " ").dropFirst().prefix(8).map { (Double($0) ?? 0) / Self.ticksPerSecond }
    passed = ticks.reduce(0, +)
    stolen = ticks.count > 7 ? ticks[7] : 0
    busy = passed - (ticks.count > 4 ? ticks[3] + ticks[4] : 0) - stolen
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
      guard let id = pid_t(name), let text = readTextFile("/proc/\(id)/stat"),
        let end = text.lastIndex(of: ")")
      else { continue }
      // After "(name)": state ppid … utime(12) stime(13) cutime(14) cstime(15), counted from the state as 1.
      let fields = text[text.index(after: end)...].split(separator: " ")
      guard fields.count > 14, let parent = pid_t(fields[1]) else { continue }
      let ticks = fields[11...14].map { (Double($0) ?? 0) / Self.ticksPerSecond }
      processes[id] = (parent, ticks[0] + ticks[1], ticks.reduce(0, +))
    }
  }

  /// Seconds that `root`, its living descendants and those it has buried have spent.
  func seconds(of root: pid_t) -> Double {
    processes.reduce(0) { $0 + (isDescendant($1.key, of: root) ? $1.value.seconds : 0) }
  }

  /// Seconds that `id` alone has spent.
  func own(_ id: pid_t) -> Double { processes[id]?.own ?? 0 }

  /// `root` and its living descendants.
  func family(of root: pid_t) -> [pid_t] { processes.keys.filter { isDescendant($0, of: root) } }

  private func isDescendant(_ id: pid_t, of root: pid_t) -> Bool {
    var id = id
    while id > 1 {
      if id == root { return true }
      guard let parent = processes[id]?.parent else { return false }
      id = parent
    }
    return false
  }

  /// The share of the machine that neither this process, its children nor idleness took since `before`: other
  /// programs, and the host. From 0 to 1.
  func noise(since before: CPUTimes) -> Double {
    let ours = seconds(of: getpid()) - before.seconds(of: getpid())
    let others = (busy - before.busy) - ours + (stolen - before.stolen)
    let all = passed - before.passed
    return all > 0 ? min(max(others / all, 0), 1) : 0
  }

  /// What processes have in memory now, in megabytes; pages that they share count for each.
  static func residentMegabytes(_ ids: [pid_t]) -> Double {
    let pages = ids.reduce(0) { sum, id in
      sum + (readTextFile("/proc/\(id)/statm")?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
    }
    return Double(pages * Int(getpagesize())) / 1_048_576
  }
}
