internal import Redis

/// The transitions of a job: one Lua file each, whose header says what it does.
enum Scripts {
  /// Takes up room: a Redis that is full refuses it, as a whole and before it begins.
  private static let growing = Array("#!lua\n".utf8)
  /// Makes room, or takes next to none: it goes on in a full Redis, or jobs that run would lose their leases.
  private static let whenFull = Array("#!lua flags=allow-oom\n".utf8)
  private static let settling = whenFull + PackageResources.count_lua + PackageResources.held_lua
  private static let reading = Array("#!lua flags=no-writes\n".utf8)

  static let enqueue = RedisScript(
    growing + PackageResources.count_lua + PackageResources.places_lua + PackageResources.enqueue_lua)
  static let claim = RedisScript(whenFull + PackageResources.claim_lua)
  static let complete = RedisScript(settling + PackageResources.complete_lua)
  static let delay = RedisScript(settling + PackageResources.delay_lua)
  static let release = RedisScript(settling + PackageResources.release_lua)
  static let bury = RedisScript(settling + PackageResources.bury_lua)
  static let extend = RedisScript(whenFull + PackageResources.held_lua + PackageResources.extend_lua)
  static let promote = RedisScript(whenFull + PackageResources.places_lua + PackageResources.promote_lua)
  static let reap = RedisScript(whenFull + PackageResources.count_lua + PackageResources.reap_lua)
  static let revive = RedisScript(whenFull + PackageResources.places_lua + PackageResources.revive_lua)
  static let delete = RedisScript(whenFull + PackageResources.delete_lua)
  static let retireDead = RedisScript(whenFull + PackageResources.retire_dead_lua)
  static let pause = RedisScript(whenFull + PackageResources.pause_lua)
  static let counts = RedisScript(reading + PackageResources.counts_lua)
  static let history = RedisScript(reading + PackageResources.history_lua)
  static let list = RedisScript(reading + PackageResources.list_lua)
  static let find = RedisScript(reading + PackageResources.find_lua)
  static let states = RedisScript(reading + PackageResources.states_lua)
  static let takeBack = RedisScript(whenFull + PackageResources.take_back_lua)
  static let strays = RedisScript(reading + PackageResources.strays_lua)
  static let lookForLoss = RedisScript(whenFull + PackageResources.look_for_loss_lua)
}
