import EventLoop
import Foundation
import PrivateServers
import TestSupport
import Testing

@testable import Chaos

/// Which flags want hosts.
struct ChaosHostFlagTests {
  @Test func faultsOfHostsAreDrawnOnlyWithHosts() {
    guard case .run(let without) = ChaosOptions.parse(["--faults", "host,kill-worker"]),
      case .run(let with) = ChaosOptions.parse(["--faults", "host,kill-worker", "--hosts", "3"])
    else {
      Issue.record("refused")
      return
    }
    #expect(without.faults == [.killWorker])
    #expect(with.faults == [.hostPartition, .hostOneWay, .hostLost, .killWorker])
    #expect(with.command.contains("--hosts 3"))
  }

  @Test(arguments: [["--faults", "host"], ["--hosts", "1"], ["--hosts", "ten"]])
  func whatMakesNoSenseIsRefusedByName(_ arguments: [String]) {
    guard case .wrong(let problem) = ChaosOptions.parse(arguments) else {
      Issue.record("taken")
      return
    }
    #expect(problem.contains("--hosts"))
  }
}

/// Machines of a run, made of network namespaces.
@Suite(
  .serialized, .timeLimit(.minutes(6)), .disabled(if: Hosts.obstacle != nil, "\(Hosts.obstacle ?? "")"))
struct ChaosHostTests {
  @LoopActor @Test func aWayIsCutInOneDirectionAndMended() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let hosts = try Hosts(2, others: [], folder: folder)
    defer { hosts.remove() }
    let (one, other) = (try Letters(at: hosts.fleet[0]), try Letters(at: hosts.fleet[1]))
    one.send("first", to: other)
    #expect(other.next() == "first")

    try hosts.cut(from: hosts.fleet[0], to: hosts.fleet[1])
    // The sender is not told.
    #expect(one.send("lost", to: other))
    other.send("back", to: one)
    #expect(one.next() == "back")
    try hosts.mend(from: hosts.fleet[0], to: hosts.fleet[1])
    one.send("after", to: other)
    #expect(other.next() == "after")
  }

  @LoopActor @Test func whatAKilledRunLeftIsTakenAway() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let dead = try ChildProgram(
      words: ["true"], environment: ChildProgram.environment, log: "/dev/null", hasOwnGroup: true)
    dead.wait()
    let (namespace, link) = ("sevk-chaos-\(dead.id)-host-1", "sevk\(dead.id)b")
    for words in [["ip", "netns", "add", namespace], ["ip", "link", "add", link, "type", "bridge"]] {
      let made = try ChildProgram(
        words: words, environment: ChildProgram.environment, log: "\(folder)/made", hasOwnGroup: true)
      #expect(made.wait() == .exited(0))
    }
    let hosts = try Hosts(2, others: [], folder: folder)
    #expect(!FileManager.default.fileExists(atPath: "\(NetworkHost.folder)/\(namespace)"))
    #expect(!FileManager.default.fileExists(atPath: "/sys/class/net/\(link)"))
    let own = hosts.fleet.compactMap(\.file)
    #expect(own.count == 2 && own.allSatisfy { FileManager.default.fileExists(atPath: $0) })
    hosts.remove()
    #expect(!own.contains { FileManager.default.fileExists(atPath: $0) })
  }

  @Test func hostsThatLoseEachOtherBreakNoPromise() throws {
    let result = try ChaosTests.chaos([
      "--seed", "4", "--minutes", "0.35", "--settle", "90", "--providers", "cautious,trusting", "--hosts", "3",
      "--faults", "host",
    ])
    #expect(result.code == 0, "\(result.output)\(result.errors)")
    // How many come in the time depends on how fast the machine is; each is one of hosts.
    #expect(result.output.contains(": host-"))
    #expect(!result.output.contains("could not do"))
  }

  private static func folder() throws -> String {
    let folder = "\(FileManager.default.temporaryDirectory.path)/sevk-hosts.\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }
}

/// A socket for datagrams on a host: what was lost is not sent again, as TCP would.
@LoopActor
private final class Letters {
  private static let port: in_port_t = 4000
  private static let limitMilliseconds: Int32 = 10_000
  private let descriptor: Int32
  private var name = sockaddr_in()

  init(at host: NetworkHost) throws {
    descriptor = try Hosts.on(host) { socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0) }
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = Self.port.bigEndian
    inet_pton(AF_INET, host.address, &name.sin_addr)
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 }
    }
    guard isBound else { throw ChildProgram.Failure("cannot bind on \(host.name): errno \(errno)") }
  }

  deinit { close(descriptor) }

  /// - Returns: whether the kernel took it.
  @discardableResult
  func send(_ text: String, to other: Letters) -> Bool {
    var name = other.name
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, text, text.utf8.count, 0, $0, size) == text.utf8.count
      }
    }
  }

  /// The next that came; nil when none comes.
  func next() -> String? {
    var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&wanted, 1, Self.limitMilliseconds) == 1 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
  }
}
