internal import Redis

/// The steps of a provider's shared state: one Lua file each, whose header says what it does.
enum ProviderScripts {
  /// They make room or take next to none, so they go on in a full Redis: a send that ended must be noted.
  private static let whenFull = Array("#!lua flags=allow-oom\n".utf8)
  private static let reading = Array("#!lua flags=no-writes\n".utf8)

  static let enter = RedisScript(whenFull + PackageResources.provider_enter_lua)
  static let leave = RedisScript(whenFull + PackageResources.provider_leave_lua)
  static let change = RedisScript(whenFull + PackageResources.provider_change_lua)
  static let state = RedisScript(reading + PackageResources.provider_state_lua)
  static let ledger = RedisScript(whenFull + PackageResources.provider_ledger_lua)
  static let short = RedisScript(whenFull + PackageResources.provider_short_lua)
  static let forget = RedisScript(whenFull + PackageResources.provider_forget_lua)
  static let turn = RedisScript(whenFull + PackageResources.provider_turn_lua)
  static let balance = RedisScript(whenFull + PackageResources.provider_balance_lua)
}
