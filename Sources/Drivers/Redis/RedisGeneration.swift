/// A server as it was met: another connection may mean that it was restarted, or that another one took its place.
public struct RedisGeneration: Sendable, Equatable {
  let server: String?
  let connection: Int
}
