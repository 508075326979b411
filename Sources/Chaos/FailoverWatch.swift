import EventLoop
import Postgres
import Redis

/// Shuts the first of two providers for a while, and looks whether orders that may go on to the second do.
@LoopActor
final class FailoverWatch {
  /// Of the first provider's route.
  nonisolated static let failoverAfter = "2s"
  /// How long it is shut: until it is known, the time of the flag, and then as long as an order may take at most.
  private static let shutLasts = Duration.seconds(12)
  /// An order that has waited so long when that is over should have gone on.
  private static let waitMaxSeconds = 8
  private static let interval = Duration.milliseconds(250)
  /// What else was done so long before is over.
  private static let echo = Duration.seconds(15)

  private let servers: Servers
  private var others = 0
  private var othersEndedAt: ContinuousClock.Instant?
  private(set) var needlessWaits: [String] = []
  /// Shut times in which nothing else went wrong.
  private(set) var judged = 0

  init(_ servers: Servers) { self.servers = servers }

  /// Another fault begins or ends: while it lasts, and for a while afterwards, nobody can say that a wait is needless.
  func otherFault(begins: Bool) {
    others += begins ? 1 : -1
    othersEndedAt = .now
  }

  var isDisturbed: Bool {
    others > 0 || othersEndedAt.map { ContinuousClock.now - $0 < Self.echo } ?? false
  }

  /// While the first provider of a product is shut.
  func watch(_ kind: FaultKind, product: String = Lineup.twoRoutes) async throws {
    let end = ContinuousClock.now + Self.shutLasts
    var wasDisturbed = isDisturbed
    while ContinuousClock.now < end {
      let mode = try? await servers.redis.command("HGET", "sevk:{provider:2}:state", "mode").text
      if isDisturbed || mode.map({ $0 != "closed" }) ?? false { wasDisturbed = true }
      try await EventLoop.sleep(for: Self.interval)
    }
    guard !wasDisturbed else { return }
    let waiting = try await servers.postgres.run(
      PostgresStatement(
        name: "chaos_needless",
        sql: """
          SELECT id::text, extract(epoch FROM now() - updated_at)::bigint FROM orders
          WHERE status = 'pending' AND product = $1 AND updated_at < now() - $2::bigint * interval '1 second'
          """), [.text(product), .int(Int64(Self.waitMaxSeconds))])
    guard !isDisturbed else { return }
    judged += 1
    for row in waiting {
      needlessWaits.append(
        try "order \(row.text(0)) has been pending for \(row.int(1)) s (\(kind.rawValue)), and another provider is open"
      )
    }
  }
}
