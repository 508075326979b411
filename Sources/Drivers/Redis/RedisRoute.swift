/// Where a command goes in a cluster.
enum RedisRoute: Equatable {
  /// To the node that serves the slot of its keys. All of them have to lie there: Redis refuses what lies in several.
  case slot(Int)
  /// To any master: it says something of itself.
  case any
  /// To each master: it is done to all that there is.
  case every

  init(_ arguments: [RedisArgument]) {
    guard let name = arguments.first?.word else {
      self = .any
      return
    }
    switch name {
    case "FLUSHALL", "FLUSHDB", "SAVE", "BGSAVE", "CONFIG", "SCRIPT", "SHUTDOWN": self = .every
    case "PING", "TIME", "INFO", "CLIENT", "CLUSTER", "COMMAND", "DBSIZE", "KEYS", "SCAN", "RANDOMKEY", "ROLE", "WAIT":
      self = .any
    case "EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL":
      let hasKeys = arguments.count > 3 && arguments[2].number ?? 0 > 0
      self = hasKeys ? .slot(RedisSlot.of(arguments[3])) : .any
    case "XREAD", "XREADGROUP":
      let streams = arguments.firstIndex { $0.word == "STREAMS" } ?? arguments.endIndex
      self = arguments.indices.contains(streams + 1) ? .slot(RedisSlot.of(arguments[streams + 1])) : .any
    case "XGROUP", "XINFO", "OBJECT", "MEMORY":
      self = arguments.count > 2 ? .slot(RedisSlot.of(arguments[2])) : .any
    default: self = arguments.count > 1 ? .slot(RedisSlot.of(arguments[1])) : .any
    }
  }
}

extension RedisArgument {
  /// A command's name; nil for what can be none.
  fileprivate var word: String? {
    guard case .string(let text) = self else { return nil }
    return text.utf8.allSatisfy { !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) } ? text : text.uppercased()
  }

  fileprivate var number: Int64? {
    switch self {
    case .integer(let number): number
    case .string(let text): Int64(text)
    case .bytes: nil
    }
  }
}
