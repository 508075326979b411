internal import Jobs
internal import Redis

/// One settling script and the jobs it is for, by the tokens that hold them.
struct SettleCall: Sendable {
  /// The jobs of one token: what the script is told of each stands in columns, the ids first.
  struct Group: Sendable {
    let token: String
    var columns: [[RedisArgument]]
    /// Where each job stands in the input.
    var indices: [Int] = []
  }

  let script: RedisScript
  /// What stands before the groups.
  var head: [RedisArgument] = []
  private(set) var groups: [Group] = []
  private var groupByToken: [String: Int] = [:]

  init(_ script: RedisScript) { self.script = script }

  /// - Parameter isUntouched: nobody ran the jobs, so that they are as suspicious as before.
  static func delay(_ counted: QueueTally.Move, isUntouched: Bool = false) -> SettleCall {
    var call = SettleCall(Scripts.delay)
    call.head = [.string(counted.rawValue), isUntouched ? "1" : "0"]
    return call
  }

  mutating func add(_ id: String, of token: String, _ index: Int, with more: [RedisArgument] = []) {
    // Mostly it is the token of the last one.
    let number: Int
    if let last = groups.last, last.token == token {
      number = groups.count - 1
    } else if let known = groupByToken[token] {
      number = known
    } else {
      number = groups.count
      groupByToken[token] = number
      groups.append(Group(token: token, columns: .init(repeating: [], count: 1 + more.count)))
    }
    groups[number].columns[0].append(.string(id))
    for (column, value) in more.enumerated() { groups[number].columns[1 + column].append(value) }
    groups[number].indices.append(index)
  }

  func run(_ client: RedisClient, _ keys: Keys) async throws -> [(Int, SettleResult)] {
    var arguments = head
    var indices: [Int] = []
    for group in groups {
      arguments.append(.string(group.token))
      arguments.append(.integer(Int64(group.indices.count)))
      for column in group.columns { arguments += column }
      indices += group.indices
    }
    let reply = try await client.run(script, keys: keys.arguments, arguments: arguments)
    let letters = try Reply(reply).letters(indices.count)
    return zip(indices, letters).map { ($0, $1 == UInt8(ascii: "1") ? .settled : .lost) }
  }
}
