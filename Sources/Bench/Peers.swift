import Service

/// PLACEHOLDER
@LoopActor struct Peers {
  let stage: Stage
  let names: [String]
  static func names(_ list: String?) throws -> [String] { [] }
  func contenders(jobs: Int?) async throws -> [Contender] { [] }
}
import EventLoop
