import CommandLine
import EventLoop
import FoundationEssentials
import Glibc
import PrivateServers

/// The folder of one run, gone when it ends.
@LoopActor
final class Stage {
  let folder: String
  /// What is done before a signal ends this process.
  private var atSignal: @LoopActor () -> Void = {}
  /// Where the programs of Sevk are: beside this one.
  nonisolated static let binaries: String = {
    let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return String(program[..<(program.lastIndex(of: "/") ?? program.startIndex)])
  }()

  private init(folder: String) { self.folder = folder }

  /// Runs `body` with a fresh folder, and removes that, unless the run failed and its logs may say why.
  static func run(_ body: @LoopActor (Stage) async throws -> Void) async throws {
    var template = Array("/tmp/sevk-bench.XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw ChildProgram.Failure("cannot make a folder in /tmp") }
    let folder = String(cString: made)
    chmod(folder, 0o755)
    let stage = Stage(folder: folder)
    let remove = { try? FileManager.default.removeItem(atPath: folder) }
    // What this process started ends with it.
    let signals = [SIGTERM, SIGINT].map { number in
      LoopSignal(number) {
        // Children are killed with this process; what they started, such as a busy session of PostgreSQL, is not.
        for id in CPUTimes.read().family(of: getpid()) where id != getpid() { kill(id, SIGKILL) }
        stage.atSignal()
        _ = remove()
        exit(128 + number)
      }
    }
    defer { withExtendedLifetime(signals) {} }
    do {
      try await body(stage)
      remove()
    } catch let error as UsageError {
      remove()
      throw error
    } catch {
      throw ExitError("\(error); logs: \(folder)", code: 70)
    }
  }

  /// Shows and writes what a run knows, also when it fails half-way or is told to stop.
  ///
  /// - Parameters:
  ///   - show: called once, at the end.
  ///   - write: called for each report, so that no round is lost however this process ends.
  ///   - body: hands each report to the function that it is given.
  func keeping<Report>(
    _ show: @escaping @LoopActor (Report) -> Void, as write: @escaping @LoopActor (Report) throws -> Void,
    of body: @LoopActor (@escaping @LoopActor (Report) throws -> Void) async throws -> Void
  ) async throws {
    var latest: Report?
    let showOnce: @LoopActor () -> Void = {
      if let report = latest { show(report) }
      latest = nil
    }
    atSignal = showOnce
    defer {
      atSignal = {}
      showOnce()
    }
    try await body { report in
      latest = report
      try write(report)
    }
  }

  /// An empty folder in it.
  func emptied(_ name: String) -> String {
    let path = "\(folder)/\(name)"
    try? FileManager.default.removeItem(atPath: path)
    mkdir(path, 0o755)
    return path
  }
}
