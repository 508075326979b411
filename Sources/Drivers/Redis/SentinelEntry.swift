/// What a sentinel knows of a master, by the names that it gives.
struct SentinelEntry: Sendable {
  private let fields: [String: String]

  /// Names and values in turn.
  init(_ reply: RedisValue) {
    let parts = reply.array ?? []
    var fields: [String: String] = [:]
    for index in stride(from: 0, to: parts.count - 1, by: 2) {
      if let name = parts[index].text, let value = parts[index + 1].text { fields[name] = value }
    }
    self.fields = fields
  }

  subscript(name: String) -> String? { fields[name] }
}
