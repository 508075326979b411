internal import Redis

/// The transitions of a job: one Lua file each, whose header says what it does.
enum Scripts {
  /// Takes up room: a Redis that is full refuses it, as a whole and before it begins.
  private static let growing = Array("#!lua\n".utf8)
  /// Makes room, or takes next to none: it goes on in a full Redis, or jobs that run would lose their leases.
  private static let whenFull = Array("#!lua flags=allow-oom\n".utf8)
  private static let reading = Array("#!lua flags=no-writes\n".utf8)
  private static let settling =
    whenFull + PackageResources.count_lua + PackageResources.held_lua + PackageResources.claims_lua
  private static let moving = whenFull + PackageResources.where_lua + PackageResources.line_lua

  static let enqueue = RedisScript(
    growing + PackageResources.count_lua + PackageResources.where_lua + PackageResources.line_lua
      + PackageResources.enqueue_lua)
  static let claim = RedisScript(
    whenFull + PackageResources.claims_lua + PackageResources.take_lua + PackageResources.claim_lua)
  static let complete = RedisScript(settling + PackageResources.complete_lua)
  static let delay = RedisScript(settling + PackageResources.delay_lua)
  static let release = RedisScript(settling + PackageResources.release_lua)
  static let bury = RedisScript(settling + PackageResources.bury_lua)
  static let extend = RedisScript(
    whenFull + PackageResources.held_lua + PackageResources.claims_lua + PackageResources.extend_lua)
  static let promote = RedisScript(whenFull + PackageResources.line_lua + PackageResources.promote_lua)
  static let reap = RedisScript(
    whenFull + PackageResources.count_lua + PackageResources.claims_lua + PackageResources.reap_lua)
  static let revive = RedisScript(whenFull + PackageResources.line_lua + PackageResources.revive_lua)
  static let delete = RedisScript(moving + PackageResources.delete_lua)
  static let retireDead = RedisScript(whenFull + PackageResources.retire_dead_lua)
  static let pause = RedisScript(whenFull + PackageResources.pause_lua)
  static let counts = RedisScript(reading + PackageResources.sums_lua + PackageResources.counts_lua)
  static let history = RedisScript(reading + PackageResources.history_lua)
  static let list = RedisScript(reading + PackageResources.claims_lua + PackageResources.list_lua)
  static let ends = RedisScript(reading + PackageResources.ends_lua)
  static let find = RedisScript(reading + PackageResources.where_lua + PackageResources.find_lua)
  static let states = RedisScript(reading + PackageResources.where_lua + PackageResources.states_lua)
  static let takeBack = RedisScript(whenFull + PackageResources.claims_lua + PackageResources.take_back_lua)
  static let strays = RedisScript(reading + PackageResources.where_lua + PackageResources.strays_lua)
  static let lookForLoss = RedisScript(whenFull + PackageResources.sums_lua + PackageResources.look_for_loss_lua)
  static let unplaced = RedisScript(reading + PackageResources.where_lua + PackageResources.unplaced_lua)
  static let dropBare = RedisScript(whenFull + PackageResources.drop_bare_lua)
  static let mend = RedisScript(moving + PackageResources.mend_lua)
}
