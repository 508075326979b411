import CommandLine
import EventLoop
import Postgres
import Store

/// Whether commits wait for the standby that the operator counts on.
///
/// An intent to send that is acknowledged and then lost by a failover is an order that is sent twice: nothing but a
/// synchronous standby prevents that, and nothing of Sevk notices its absence before the day of the failover.
@LoopActor
enum DoctorStandby {
  private static let look = PostgresStatement(
    name: "doctor_standby",
    sql: """
      SELECT current_setting('synchronous_standby_names'), current_setting('synchronous_commit'),
             (SELECT count(*) FROM pg_stat_replication), pg_is_in_recovery()
      """)
  /// Of `synchronous_commit`, those with which a standby has the commit in its own hands.
  private static let waiting: Set<String> = ["on", "remote_apply", "remote_write"]

  /// - Parameter claim: what `SEVK_DATABASE_STANDBY` says.
  static func examine(_ sources: SupportSources, claim: StandbyClaim) async throws -> [Doctor.Finding] {
    let pool = sources.store.pool
    guard claim.holds(severalServers: pool.namesSeveralServers) else { return [] }
    let row = try await pool.run(look, []).single()
    let (names, commit, standbys) = (try row.text(0), try row.text(1), try row.int(2))
    guard try !row.bool(3) else { return [] }
    func finding(_ what: String, _ text: String, mend: String) -> [Doctor.Finding] {
      [Doctor.Finding(what: what, count: 1, text: text, mend: mend)]
    }
    if names.isEmpty, standbys == 0 {
      return finding(
        "standby_missing",
        "no standby follows the primary, and commits wait for none: a failover loses orders that were taken",
        // The other way round each commit would wait until one follows.
        mend: "make one follow first, then have it waited for: ops/RUNBOOK.md, \"A standby of PostgreSQL\";"
          + " without a standby: SEVK_DATABASE_STANDBY=none")
    }
    if names.isEmpty {
      return finding(
        "standby_not_waited_for",
        "commits wait for no standby: a failover loses orders that were taken, and repeats sends that were made",
        mend: "ALTER SYSTEM SET synchronous_standby_names = '*' on the primary and SELECT pg_reload_conf();"
          + " without a standby: SEVK_DATABASE_STANDBY=none")
    }
    if !waiting.contains(commit) {
      return finding(
        "standby_not_waited_for", "commits wait for no standby: synchronous_commit is \(commit)",
        mend: "ALTER SYSTEM SET synchronous_commit = 'on' on the primary and SELECT pg_reload_conf()")
    }
    if standbys == 0 {
      return finding(
        "standby_away", "no standby follows the primary: each commit waits until one does",
        mend: "start the standby; or, knowing that a failover will lose orders, take its name from"
          + " synchronous_standby_names and reload")
    }
    return []
  }
}
