import Glibc

/// Counts what this process did, in a file that is mapped into memory: no command, no system call, so it costs every
/// system that is compared the same next to nothing, and survives however the process ends.
///
/// The file is named for the process and holds slots of three 64-bit numbers: how many, and when the first began and
/// the last ended in nanoseconds of `CLOCK_MONOTONIC`. The peers' programs write the same (`bench/peers/counter.*`).
final class Counter: @unchecked Sendable {
  // Touched only on the event loop's thread.
  private let slot: UnsafeMutablePointer<UInt64>
  private let gate: String

  static let folderVariable = "BENCH_COUNTS"
  static let slotBytes = 24
  static let slotsMax = 64

  /// - Parameter folder: where the files of one phase are.
  init(folder: String) throws {
    gate = "\(folder)/gate"
    let path = "\(folder)/\(getpid())"
    let descriptor = open(path, O_RDWR | O_CREAT, 0o644)
    let size = Self.slotBytes * Self.slotsMax
    guard descriptor >= 0, ftruncate(descriptor, size) == 0,
      let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
    else { throw CountError(description: "cannot map \(path): errno \(errno)") }
    close(descriptor)
    slot = memory.assumingMemoryBound(to: UInt64.self)
  }

  struct CountError: Error, CustomStringConvertible { let description: String }

  /// Waits until every process of the phase is ready, so that no one's start-up is measured.
  func waitForGate() {
    while access(gate, F_OK) != 0 { usleep(500) }
  }

  /// One more.
  func count() {
    let now = Self.now
    if slot[0] == 0 { slot[1] = now }
    slot[2] = now
    slot[0] += 1
  }

  /// All at once.
  func note(_ count: Int, from first: UInt64, to last: UInt64) {
    (slot[0], slot[1], slot[2]) = (UInt64(count), first, last)
  }

  static var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
