/// What is done to Sevk and its surroundings.
enum FaultKind: String, CaseIterable, Codable, Sendable {
  // Processes of Sevk, which come back at once.
  case killDispatcher = "kill-dispatcher"
  case killWorker = "kill-worker"
  case killScheduler = "kill-scheduler"
  /// All six at the same moment.
  case killAll = "kill-all"
  case termDispatcher = "term-dispatcher"
  case termWorker = "term-worker"
  case termScheduler = "term-scheduler"
  /// SIGSTOP for two leases, then SIGCONT.
  case stopDispatcher = "stop-dispatcher"
  case stopWorker = "stop-worker"
  case stopScheduler = "stop-scheduler"
  // Redis.
  case flushAll = "flushall"
  case redisEmpty = "redis-empty"
  /// SAVE, some seconds of work, kill -9, and a restart from the old file.
  case redisSnapshot = "redis-snapshot"
  case redisStop = "redis-stop"
  /// Deletes one key, whichever comes.
  case redisKey = "redis-key"
  case scriptFlush = "script-flush"
  case clientKill = "client-kill"
  // PostgreSQL.
  case postgresRestart = "postgres-restart"
  case postgresTerminate = "postgres-terminate"
  // The panel. Most are faults of the simulator, named after it.
  case panelOutage = "panel-outage"
  case panelLoseAnswer = "panel-lose-answer"
  case panelDropRequest = "panel-drop-request"
  case panelStall = "panel-stall"
  case panelSlow = "panel-slow"
  case panelHTML = "panel-html"
  case panelEmpty = "panel-empty"
  case panelTruncated = "panel-truncated"
  case panel5xx = "panel-5xx"
  case panel403 = "panel-403"
  case panel429 = "panel-429"
  case panelLoginFails = "panel-login-fails"
  case panelQueryFails = "panel-query-fails"
  case panelQueryEmpty = "panel-query-empty"
  case panelQueryStall = "panel-query-stall"
  case panelUnknownStatus = "panel-unknown-status"
  case panelCancelByHand = "panel-cancel-by-hand"
  case panelBOM = "panel-bom"
  case panelWindows1254 = "panel-windows-1254"
  case panelAnswerLate = "panel-answer-late"
  case panelLateCancel = "panel-late-cancel"
  case panelPinVanishes = "panel-pin-vanishes"
  case panelSamePin = "panel-same-pin"
  case panelWrongCost = "panel-wrong-cost"
  case panelDoubleDebit = "panel-double-debit"
  /// Orders that stay waiting until a person settles them, a little after the fault.
  case panelNeverEnds = "panel-never-ends"
  /// The dealers' money is gone until somebody pays in.
  case panelBalanceOut = "panel-balance-out"
  case panelPriceChange = "panel-price-change"
  // What anyone who reaches Redis can do.
  /// Jobs that no version of Sevk wrote, put straight into the queues.
  case jobGarbage = "job-garbage"

  /// Whether it is done to the panel: such faults run beside the others.
  var isOfPanel: Bool { rawValue.hasPrefix("panel-") }

  /// The simulator's name of the fault.
  var simulatorName: String? {
    isOfPanel && ![.panelOutage, .panelBalanceOut, .panelPriceChange].contains(self)
      ? String(rawValue.dropFirst("panel-".count)) : nil
  }

  /// Whether Redis may have lost entries of the stream by it.
  var losesStream: Bool { [.flushAll, .redisEmpty, .redisSnapshot].contains(self) }

  /// Names of faults or of groups (`kill`, `redis`, `panel`, …) with commas between; `all` is everything.
  ///
  /// - Returns: nil for the first name that fits nothing, with that name.
  static func parse(_ list: String) -> (kinds: [FaultKind], unknown: String?) {
    var kinds: [FaultKind] = []
    for name in list.split(separator: ",").map(String.init) {
      let fitting = allCases.filter { name == "all" || $0.rawValue == name || $0.rawValue.hasPrefix(name + "-") }
      if fitting.isEmpty, name != "none" { return ([], name) }
      kinds += fitting.filter { !kinds.contains($0) }
    }
    return (kinds, nil)
  }
}
