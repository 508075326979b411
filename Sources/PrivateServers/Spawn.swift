public import Glibc

/// Starts a program that has nothing of this process but what it is given: no descriptor, no variable, no blocked signal.
///
/// Not Foundation's `Process`: that needs a run loop to learn that a child ended.
public enum Spawn {
  /// Where a program's output or errors go.
  public enum Sink: Sendable {
    /// To the end of a file, which is made when it is missing.
    case file(String)
    case descriptor(Int32)
  }

  private static let descriptorsMax: Int32 = 1024
  private static let fileMode: mode_t = 0o600

  /// - Parameters:
  ///   - words: the program, by its path or as `PATH` of this process has it, and its arguments.
  ///   - environment: all of it; nothing is inherited.
  ///   - input: a descriptor; nil for none.
  ///   - errors: nil sends them where the output goes.
  ///   - others: descriptors that become its third, its fourth and so on.
  ///   - hasOwnGroup: keeps Ctrl-C from it.
  /// - Throws: ``ChildProgram/Failure`` when it cannot be started at all.
  public static func start(
    _ words: [String], environment: [String: String], input: Int32? = nil, output: Sink, errors: Sink? = nil,
    others: [Int32] = [], hasOwnGroup: Bool
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    for (sink, descriptor) in [(output, Int32(1)), (errors ?? .descriptor(1), 2)] {
      switch sink {
      case .file(let path):
        posix_spawn_file_actions_addopen(&actions, descriptor, path, O_WRONLY | O_CREAT | O_APPEND, fileMode)
      case .descriptor(let other): posix_spawn_file_actions_adddup2(&actions, other, descriptor)
      }
    }
    // Sockets and locks of this process are none of the child's business.
    // By way of high numbers, since one of them may have the place of another.
    for (place, descriptor) in others.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, descriptorsMax - 1 - Int32(place))
    }
    for place in others.indices {
      posix_spawn_file_actions_adddup2(&actions, descriptorsMax - 1 - Int32(place), 3 + Int32(place))
    }
    for descriptor in (3 + Int32(others.count))..<descriptorsMax {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Some threads block signals, and a child would inherit that.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | (hasOwnGroup ? POSIX_SPAWN_SETPGROUP : 0)))
    let list = words.map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in list + variables { free(text) } }
    var id = pid_t()
    let failed = posix_spawnp(&id, words[0], &actions, &attributes, list, variables)
    guard failed == 0 else {
      throw ChildProgram.Failure("cannot start \(words[0]): \(String(cString: strerror(failed)))")
    }
    return id
  }
}
