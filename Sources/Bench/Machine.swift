import CommandLine
import FoundationEssentials
import Glibc

/// What the figures were measured on.
struct Machine: Encodable, Sendable {
  let cpu: String
  let cores: Int
  let memoryGb: Double
  let kernel: String
  let redis: String
  let postgresql: String
  /// Of the last minute, before the run began: what else ran here.
  let loadBefore: Double

  /// - Parameters:
  ///   - redis, postgresql: what the servers say of themselves; empty where they take no part.
  init(redis: String = "", postgresql: String = "") {
    self.redis = redis
    self.postgresql = postgresql
    cpu = Self.field("model name", in: "/proc/cpuinfo") ?? "unknown"
    cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    let kilobytes = Self.field("MemTotal", in: "/proc/meminfo").flatMap { Double($0.prefix { $0 != " " }) } ?? 0
    memoryGb = (kilobytes / 1_048_576 * 10).rounded() / 10
    kernel = readTextFile("/proc/sys/kernel/osrelease")?.split(separator: "\n").first.map(String.init) ?? "unknown"
    loadBefore = readTextFile("/proc/loadavg")?.split(separator: " ").first.flatMap { Double($0) } ?? 0
  }

  private static func field(_ name: String, in file: String) -> String? {
    guard let line = readTextFile(file)?.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
    return line.split(separator: ":", maxSplits: 1).last.map { String($0.drop { $0 == " " || $0 == "\t" }) }
  }

  var text: String {
    "\(cpu), \(cores) cores, \(memoryGb) GB, Linux \(kernel)" + (redis.isEmpty ? "" : ", Redis \(redis)")
      + (postgresql.isEmpty ? "" : ", PostgreSQL \(postgresql)") + "; load before: \(loadBefore)"
  }
}
