import EventLoop
public import PrivateServers
import Redis

/// A Redis Cluster of this test run alone: three masters with a replica each, on ports of 127.0.0.1.
public enum PrivateCluster {
  /// One for all suites of the process that break nothing in it, ended with it. Use a key prefix of your own.
  public static var shared: ClusterServers {
    get async throws { try await starting.value }
  }

  private static let starting = Task {
    // Its folder goes with the run's others.
    let files = try TemporaryFolder()
    let servers = try await ClusterServers(folder: files.path + "/cluster", log: files.path + "/log", replicasEach: 0)
    try await servers.start()
    return servers
  }

  /// Starts one of the test's own and ends it after `body`.
  @LoopActor
  public static func with(
    replicasEach: Int = 1, tls: [String] = [], _ body: @LoopActor (ClusterServers) async throws -> Void
  ) async throws {
    let files = try TemporaryFolder()
    defer { files.remove() }
    let servers = try ClusterServers(
      folder: files.path + "/cluster", log: files.path + "/log", replicasEach: replicasEach, tls: tls)
    do {
      try await servers.start()
      try await body(servers)
    } catch {
      await servers.stop()
      throw error
    }
    await servers.stop()
  }
}
