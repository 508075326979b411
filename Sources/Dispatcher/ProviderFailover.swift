import CommandLine
import EventLoop
import Store

/// `--failover-after` of `provider add` and `provider set`: for its routes that have none of their own.
enum ProviderFailover {
  static let flag = RouteOptions.ofOne[0]

  /// - Throws: `UsageError` for what can't be.
  static func judge(_ arguments: Arguments) throws(UsageError) { _ = try RouteOptions.failover(arguments) }

  /// Notes it where it was given.
  static func note(_ arguments: Arguments, provider: String, _ setup: Setup) async throws {
    guard let after = try RouteOptions.failover(arguments) else { return }
    try await setup.setFailover(after: after, provider: provider)
  }
}
