import Foundation
import Glibc
import PrivateServers
import TestSupport
import Testing

@testable import Bench

struct CPUTimesTests {
  /// A shell that has a child of its own and waits: both are its family, and neither is a stranger's.
  @Test func aFamilyIsAProcessAndItsDescendants() throws {
    let child = try ChildProgram(
      "/bin/sh", ["-c", "sleep 60 & wait"], environment: ["PATH": "/usr/bin:/bin"], folder: NSTemporaryDirectory())
    var family: [pid_t] = []
    while family.count < 2 { family = CPUTimes.read().family(of: child.id) }
    #expect(family.contains(child.id))
    #expect(!family.contains(getpid()))
    #expect(CPUTimes.read().family(of: getpid()).contains(child.id))
    for id in family { kill(id, SIGKILL) }
    child.wait()
    #expect(CPUTimes.read().family(of: child.id).isEmpty)
  }

  @Test func whatIsSpentIsBooked() {
    let before = CPUTimes.read()
    // Spins until the kernel itself has booked some ticks for this process.
    while CPUTimes.read().own(getpid()) - before.own(getpid()) < 0.05 {}
    let after = CPUTimes.read()
    #expect(after.seconds(of: getpid()) - before.seconds(of: getpid()) >= 0.05)
    #expect((0...1).contains(after.noise(since: before)))
  }

  @Test func anUnknownProcessHasSpentNothing() {
    #expect(CPUTimes.read().own(-1) == 0)
    #expect(CPUTimes.residentMegabytes([-1]) == 0)
    #expect(CPUTimes.residentMegabytes([getpid()]) > 1)
  }
}
