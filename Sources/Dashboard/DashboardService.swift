public import CommandLine
public import EventLoop
import HTTPServer
public import Process
import Redis
public import Support
public import Telemetry

/// Serves the dashboard on its own address, where `SEVK_DASHBOARD_ADDRESS` asks for it.
@LoopActor
public final class DashboardService: ProcessService {
  /// A page takes a few connections, and each open one keeps its stream of events.
  private static let connectionsMax = 128
  /// A note of the longest, each of its characters of four bytes written as twelve, and a tick for each order of a run.
  private nonisolated static let bodyBytesMax = 32 * 1024 + ManyOrders.ordersMax * 48
  /// A stream whose reader takes nothing for so long is cut off.
  private static let idle = Duration.seconds(30)

  public let name = "dashboard"
  private let log: Log
  private let address: (host: String, port: Int)
  private let feed: OverviewFeed
  private let routes: Routes
  private var server: HTTPServer?

  /// Nil when the address is `off`.
  public init?(_ settings: Settings, _ sources: SupportSources, log: Log) throws(UsageError) {
    guard try settings.string(.dashboardAddress) != "off" else { return nil }
    self.log = log
    address = try settings.address(.dashboardAddress)
    let sessions = Sessions(store: sources.store, directory: sources.directory)
    let overview = OverviewPage(sources, databaseURL: try settings.string(.databaseURL))
    feed = OverviewFeed(sessions: sessions, overview, redis: sources.redis.url)
    routes = Routes(
      feed, sessions, sources, Charts(sources: sources, store: overview.store), schedule: try settings.checkSchedule(),
      log: log)
  }

  public func start() async throws {
    var limits = HTTPServerLimits()
    limits.connectionsMax = Self.connectionsMax
    limits.bodyBytesMax = { _, _ in Self.bodyBytesMax }
    limits.idleTimeout = Self.idle
    let routes = routes
    let server = HTTPServer(host: address.host, port: address.port, limits: limits, identifies: true) {
      await routes.answer($0)
    }
    do { try server.start() } catch {
      // A page that can't be shown is no reason to take no orders.
      log.error(
        "the dashboard is not shown; orders go on", ["reason": "\(error); check \(Setting.dashboardAddress.variable)"])
      return
    }
    self.server = server
    log.info("showing the dashboard", ["dashboard": "\(address.host):\(server.port)"])
  }

  public func stop() async {
    // Streams never end by themselves, and the server would wait for them.
    feed.stop()
    await server?.stop(grace: .seconds(2))
    await routes.runPages.stop()
    await feed.close()
  }
}
