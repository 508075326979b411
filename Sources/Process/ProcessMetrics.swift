import CommandLine
import EventLoop
import Glibc
import Postgres
import Redis
import Store
import Telemetry

/// What is read of the process itself when its metrics are asked for: memory, CPU, files, connections.
@LoopActor
final class ProcessMetrics {
  private let metrics: Metrics
  private let store: Store
  private let redis: RedisClient

  init(_ metrics: Metrics, program: String, store: Store, redis: RedisClient) {
    self.metrics = metrics
    self.store = store
    self.redis = redis
    metrics.describe("sevk_build_info", "gauge", "1, with the program, its version and the commit it was built from")
    metrics.set("sevk_build_info", ["program": program, "version": Program.version, "commit": Program.commit], to: 1)

    metrics.describe("process_resident_memory_bytes", "gauge", "Memory that is in use")
    metrics.describe("process_virtual_memory_bytes", "gauge", "Addresses that are in use")
    metrics.describe("process_cpu_seconds_total", "counter", "CPU time of the user and the system")
    metrics.describe("process_open_fds", "gauge", "Open files and sockets")
    metrics.describe("process_max_fds", "gauge", "Most files and sockets it may open")
    metrics.describe("process_start_time_seconds", "gauge", "When it started, in seconds of Unix time")

    metrics.describe(
      "sevk_log_lines_dropped_total", "counter", "Log lines that were dropped because nobody read standard error")

    metrics.describe("sevk_postgres_connections", "gauge", "Connections to PostgreSQL: idle, busy, opening")
    metrics.describe("sevk_postgres_requests_in_flight", "gauge", "Transactions that PostgreSQL is to answer")
    metrics.describe("sevk_postgres_waiting_requests", "gauge", "Transactions that wait for a connection")
    metrics.describe(
      "sevk_postgres_errors_total", "counter",
      "Transactions that failed because the server was away, full, read-only or too slow")
    metrics.describe("sevk_store_unwritten_moves", "gauge", "What providers answered, waiting to be written")

    metrics.describe(
      "sevk_redis_connections", "gauge", "Connections to Redis: commands, waiting (in a command that blocks), idle")
    metrics.describe("sevk_redis_requests_in_flight", "gauge", "Commands that Redis is to answer")
    metrics.describe(
      "sevk_redis_connections_made_total", "counter", "Connections for commands; each but the first replaced another")
    metrics.describe(
      "sevk_redis_errors_total", "counter", "Commands that failed: Redis away, full, read-only or too slow")
  }

  func update() {
    readProcess()
    metrics.set("sevk_log_lines_dropped_total", to: Double(Log.droppedTotal))
    let postgres = store.pool.load
    for (state, count) in [("idle", postgres.idle), ("busy", postgres.busy), ("opening", postgres.opening)] {
      metrics.set("sevk_postgres_connections", ["state": state], to: Double(count))
    }
    metrics.set("sevk_postgres_requests_in_flight", to: Double(postgres.inFlight))
    metrics.set("sevk_postgres_waiting_requests", to: Double(postgres.waiting))
    metrics.set("sevk_postgres_errors_total", to: Double(postgres.errorsTotal))
    metrics.set("sevk_store_unwritten_moves", to: Double(store.unwrittenMoves))

    let redis = redis.load
    for (state, count) in [("commands", redis.commands), ("waiting", redis.waiting), ("idle", redis.idle)] {
      metrics.set("sevk_redis_connections", ["state": state], to: Double(count))
    }
    metrics.set("sevk_redis_requests_in_flight", to: Double(redis.inFlight))
    metrics.set("sevk_redis_connections_made_total", to: Double(redis.connectionsMade))
    metrics.set("sevk_redis_errors_total", to: Double(redis.errorsTotal))
  }

  private func readProcess() {
    // After the name, which may hold spaces: the third field of proc_pid_stat(5) and on.
    let fields = readTextFile("/proc/self/stat")?.split(separator: ")").last?.split(separator: " ") ?? []
    func field(_ number: Int) -> Double { fields.count > number - 3 ? Double(fields[number - 3]) ?? 0 : 0 }
    metrics.set("process_virtual_memory_bytes", to: field(23))
    metrics.set("process_resident_memory_bytes", to: field(24) * Double(getpagesize()))
    if let bootTime = Self.bootTime {
      metrics.set("process_start_time_seconds", to: bootTime + field(22) / Double(sysconf(Int32(_SC_CLK_TCK))))
    }
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    metrics.set("process_cpu_seconds_total", to: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    metrics.set("process_max_fds", to: Double(limit.rlim_cur))
    metrics.set("process_open_fds", to: Double(Self.openFiles()))
  }

  /// Seconds of Unix time. Not from /proc/stat, which the units hide (ProcSubset=pid).
  private static let bootTime: Double? = {
    var up = timespec()
    guard clock_gettime(CLOCK_BOOTTIME, &up) == 0 else { return nil }
    return Double(Clock.unixMilliseconds()) / 1000 - Double(up.tv_sec) - Double(up.tv_nsec) / 1e9
  }()

  private static func openFiles() -> Int {
    guard let folder = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    // Without ".", ".." and the folder itself.
    return count - 3
  }
}
