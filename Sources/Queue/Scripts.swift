internal import Redis

/// The transitions of a job: one Lua file each, whose header says what it does.
enum Scripts {
  static let enqueue = RedisScript(PackageResources.places_lua + PackageResources.enqueue_lua)
  static let claim = RedisScript(PackageResources.claim_lua)
  static let complete = RedisScript(PackageResources.held_lua + PackageResources.complete_lua)
  static let delay = RedisScript(PackageResources.held_lua + PackageResources.delay_lua)
  static let release = RedisScript(PackageResources.held_lua + PackageResources.release_lua)
  static let bury = RedisScript(PackageResources.held_lua + PackageResources.bury_lua)
  static let extend = RedisScript(PackageResources.held_lua + PackageResources.extend_lua)
  static let promote = RedisScript(PackageResources.places_lua + PackageResources.promote_lua)
  static let reap = RedisScript(PackageResources.reap_lua)
  static let revive = RedisScript(PackageResources.places_lua + PackageResources.revive_lua)
  static let delete = RedisScript(PackageResources.delete_lua)
  static let pause = RedisScript(PackageResources.pause_lua)
  static let counts = RedisScript(PackageResources.counts_lua)
  static let list = RedisScript(PackageResources.list_lua)
  static let find = RedisScript(PackageResources.find_lua)
  static let states = RedisScript(PackageResources.states_lua)
  static let lookForLoss = RedisScript(PackageResources.look_for_loss_lua)
  static let providerEnter = RedisScript(PackageResources.provider_enter_lua)
  static let providerLeave = RedisScript(PackageResources.provider_leave_lua)
  static let providerChange = RedisScript(PackageResources.provider_change_lua)
  static let providerState = RedisScript(PackageResources.provider_state_lua)
  static let providerLedger = RedisScript(PackageResources.provider_ledger_lua)
  static let providerBalance = RedisScript(PackageResources.provider_balance_lua)
}
