import EventLoop
import FoundationEssentials
import Glibc
import PrivateServers

/// The switches of the preloaded library `ChaosShim`: one set for each program that runs under it.
@LoopActor
final class Shims {
  /// As in `ChaosShim.h`: each switch is one word of 64 bits.
  private enum Word: Int, CaseIterable {
    case clockOffset, diskIsFull, namesHang
  }

  private let folder: String
  /// Nil when no fault of this run needs it.
  private let library: String?
  private var switches: [String: UnsafeMutablePointer<Int64>] = [:]

  init(_ options: ChaosOptions, folder: String) throws {
    self.folder = folder
    library = options.faults.contains(where: \.needsShim) ? "\(options.binaries)/libChaosShim.so" : nil
    if let library, access(library, R_OK) != 0 {
      throw ChildProgram.Failure("\(library) is missing: swift build --product ChaosShim")
    }
  }

  /// Programs under the shim, by name.
  var names: [String] { switches.keys.sorted() }

  /// What `program` has to be started with.
  func environment(of program: String) throws -> [String: String] {
    guard let library else { return [:] }
    let file = "\(folder)/shim-\(program)"
    if switches[program] == nil { switches[program] = try Self.map(file) }
    return ["LD_PRELOAD": library, "CHAOS_SHIM": file]
  }

  /// Puts the wall clock of `program` so far ahead of the machine's; zero is right again.
  func setClock(of program: String, ahead offset: Duration) {
    set(.clockOffset, of: program, Int64(offset.components.seconds) * 1_000_000_000)
  }

  /// Lets the files of `program` grow no more.
  func setDiskIsFull(of program: String, _ isFull: Bool) { set(.diskIsFull, of: program, isFull ? 1 : 0) }

  private func set(_ word: Word, of program: String, _ value: Int64) { switches[program]?[word.rawValue] = value }

  private static func map(_ file: String) throws -> UnsafeMutablePointer<Int64> {
    let size = Word.allCases.count * MemoryLayout<Int64>.size
    let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    defer { close(descriptor) }
    guard descriptor >= 0, ftruncate(descriptor, size) == 0,
      let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
    else { throw ChildProgram.Failure("cannot map \(file): errno \(errno)") }
    return memory.bindMemory(to: Int64.self, capacity: Word.allCases.count)
  }
}
