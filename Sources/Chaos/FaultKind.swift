import CrashPoints

/// What is done to Sevk and its surroundings.
enum FaultKind: String, CaseIterable, Codable, Sendable {
  // Processes of Sevk, which come back at once.
  case killDispatcher = "kill-dispatcher"
  case killWorker = "kill-worker"
  case killScheduler = "kill-scheduler"
  case killGateway = "kill-gateway"
  /// All eight at the same moment.
  case killAll = "kill-all"
  /// All eight, five times within five seconds.
  case storm
  case termDispatcher = "term-dispatcher"
  case termWorker = "term-worker"
  case termScheduler = "term-scheduler"
  case termGateway = "term-gateway"
  /// SIGSTOP for two leases, then SIGCONT.
  case stopDispatcher = "stop-dispatcher"
  case stopWorker = "stop-worker"
  case stopScheduler = "stop-scheduler"
  case stopGateway = "stop-gateway"
  // Crashes at a named point of the flow: `crash-` and the name of a `CrashPoint`.
  case crashIntakeJudged = "crash-intake-judged"
  case crashIntakeRecorded = "crash-intake-recorded"
  case crashIntakeAnnounced = "crash-intake-announced"
  case crashSendClaimed = "crash-send-claimed"
  case crashSendAllowed = "crash-send-allowed"
  case crashSendIntended = "crash-send-intended"
  case crashSendUnanswered = "crash-send-unanswered"
  case crashSendAnswered = "crash-send-answered"
  case crashSendRecorded = "crash-send-recorded"
  case crashSendPlanned = "crash-send-planned"
  case crashCheckClaimed = "crash-check-claimed"
  case crashCheckAllowed = "crash-check-allowed"
  case crashCheckAnswered = "crash-check-answered"
  case crashCheckRecorded = "crash-check-recorded"
  case crashCheckPostponed = "crash-check-postponed"
  case crashResendRecorded = "crash-resend-recorded"
  case crashResendIntended = "crash-resend-intended"
  case crashResendAnswered = "crash-resend-answered"
  case crashJobsMoved = "crash-jobs-moved"
  case crashTickClaimed = "crash-tick-claimed"
  case crashOpenOrdersRead = "crash-open-orders-read"
  case crashEventsRead = "crash-events-read"
  case crashEventsPublished = "crash-events-published"
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
  /// No memory left for a write.
  case redisOOM = "redis-oom"
  /// A replica for three seconds: it refuses writes and keeps its data.
  case redisReadonly = "redis-readonly"
  /// A script without an end, which SCRIPT KILL ends.
  case redisBusy = "redis-busy"
  /// A failover to a replica that lacks the last moments.
  case redisTail = "redis-tail"
  // Redis behind sentinels.
  /// kill -9 of the master; it comes back some seconds later as it was, and must be nobody's master.
  case sentinelKillMaster = "sentinel-kill-master"
  /// By command, while the master lives and takes writes for some seconds more.
  case sentinelFailover = "sentinel-failover"
  /// The master stands still for so long that another takes over, and then goes on.
  case sentinelStopMaster = "sentinel-stop-master"
  /// One of three sentinels is away.
  case sentinelDown = "sentinel-down"
  // Redis as a cluster.
  /// kill -9 of a master; it comes back some seconds later, when its replica has its slots.
  case clusterKillMaster = "cluster-kill-master"
  /// By command: the replica waits for what its master still has for it.
  case clusterFailover = "cluster-failover"
  /// A master stands still for so long that its replica takes over, and then goes on.
  case clusterStopMaster = "cluster-stop-master"
  /// Slots that are in use move from one master to another.
  case clusterMoveSlots = "cluster-move-slots"
  /// A node is added, gets slots that are in use, and gives them back.
  case clusterAddNode = "cluster-add-node"
  // PostgreSQL.
  case postgresRestart = "postgres-restart"
  case postgresTerminate = "postgres-terminate"
  /// The primary crashes, its standby takes its place, and the old one follows it from then on: `--postgres standby`.
  case postgresFailover = "postgres-failover"
  /// As after a failover to a standby that nobody promoted yet.
  case postgresReadonly = "postgres-readonly"
  case postgresNoConnections = "postgres-no-connections"
  /// `orders` locked against everyone, as a careless ALTER TABLE does.
  case postgresLocks = "postgres-locks"
  /// Some open orders locked, as by somebody who forgot a transaction at a console.
  case postgresRowsLocked = "postgres-rows-locked"
  /// A snapshot that is held while the tables are vacuumed.
  case postgresLongTransaction = "postgres-long-transaction"
  case postgresDiskFull = "postgres-disk-full"
  // The network between Sevk and each of its servers. Partition: nothing passes and nobody is told. One-way: requests
  // pass, answers do not. Delay: each piece by itself. Reset: all connections, and new ones for a second.
  case netRedisPartition = "net-redis-partition"
  case netRedisOneWay = "net-redis-oneway"
  case netRedisDelay = "net-redis-delay"
  case netRedisReset = "net-redis-reset"
  case netPostgresPartition = "net-postgres-partition"
  case netPostgresOneWay = "net-postgres-oneway"
  case netPostgresDelay = "net-postgres-delay"
  case netPostgresReset = "net-postgres-reset"
  case netPanelPartition = "net-panel-partition"
  case netPanelOneWay = "net-panel-oneway"
  case netPanelDelay = "net-panel-delay"
  case netPanelReset = "net-panel-reset"
  /// The request's bytes reach the panel, then the connection is reset.
  case netPanelCut = "net-panel-cut"
  /// A whole answer that nobody asked for follows each answer of the panel, on the same connection.
  case netPanelSurplus = "net-panel-surplus"
  // Whole machines, which are network namespaces: `--hosts`.
  /// A host and another lose sight of each other; both see the rest, and nobody is told.
  case hostPartition = "host-partition"
  /// What a host sends to another never arrives; the other's packets do.
  case hostOneWay = "host-oneway"
  /// A host is cut off, all that runs on it is killed, and it comes back some seconds later. Redis comes back empty.
  case hostLost = "host-lost"
  // Wall clocks, an hour forward or back.
  case clockProcess = "clock-process"
  case clockRedis = "clock-redis"
  case clockPostgres = "clock-postgres"
  /// All of them to and fro, each in its own time.
  case clockStrobe = "clock-strobe"
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
  case panelDeny = "panel-deny"
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
  // Lines that lie.
  case panelRefuseBooked = "panel-refuse-booked"
  case panelTurnAway = "panel-turn-away"
  case panelCancelCut = "panel-cancel-cut"
  case panelNotice = "panel-notice"
  case panelSecondLine = "panel-second-line"
  case panelPinCut = "panel-pin-cut"
  case panelStray = "panel-stray"
  // One of two providers that sell the same: the other stays as it is.
  /// A person pauses it.
  case providerPaused = "provider-paused"
  /// Its dealer's money is gone.
  case providerBroke = "provider-broke"
  /// Nobody listens at its address.
  case providerDown = "provider-down"
  /// A stock of codes of our own has none left, and nobody fills it.
  case providerEmpty = "provider-empty"
  // Receivers of endpoints, of all that is posted to them or of a share; named after `ShopReceiver.Mode`.
  case hookDown = "hook-down"
  case hookSlow = "hook-slow"
  /// 500, to be tried again.
  case hookFlaky = "hook-flaky"
  /// The head of a 200, and nothing behind it.
  case hookSilent = "hook-silent"
  /// Stored, and the connection reset before an answer.
  case hookCut = "hook-cut"
  /// A 200 that ends in its middle.
  case hookHalf = "hook-half"
  case hookTrickle = "hook-trickle"
  case hookRedirect = "hook-redirect"
  /// 429 with Retry-After.
  case hookBusy = "hook-busy"
  /// 410, at an endpoint of its own, until somebody asks for what it was not told.
  case hookGone = "hook-gone"
  // Subscribers by position.
  /// All lose their connections at the same moment; each loses its own now and then in every run.
  case liveCut = "live-cut"
  // What anyone who reaches Redis can do.
  /// Jobs that no version of Sevk wrote, put straight into the queues.
  case jobGarbage = "job-garbage"

  /// Where a process is made to die; nil for other faults.
  var crashPoint: CrashPoint? {
    rawValue.hasPrefix("crash-") ? CrashPoint(rawValue: String(rawValue.dropFirst("crash-".count))) : nil
  }

  /// Whether it is done to the panel: such faults run beside the others.
  var isOfPanel: Bool { rawValue.hasPrefix("panel-") }

  /// Whether it is done to one of two providers: such faults run beside the others, in turn with those of the panel.
  var isOfProvider: Bool { rawValue.hasPrefix("provider-") }

  /// What it makes of a receiver; nil for other faults.
  var receiverMode: ShopReceiver.Mode? {
    rawValue.hasPrefix("hook-") ? ShopReceiver.Mode(rawValue: String(rawValue.dropFirst("hook-".count))) : nil
  }

  /// Whether it is done to those who are told of orders: such faults run beside the others.
  var isOfOutside: Bool { receiverMode != nil || self == .liveCut }

  /// The simulator's name of the fault.
  var simulatorName: String? {
    isOfPanel && ![.panelOutage, .panelBalanceOut, .panelPriceChange].contains(self)
      ? String(rawValue.dropFirst("panel-".count)) : nil
  }

  /// Whether it is a fault of the network.
  var isOfNetwork: Bool { rawValue.hasPrefix("net-") }

  /// Whether it is one of machines, or of the network between two.
  var isOfHosts: Bool { rawValue.hasPrefix("host-") }

  /// Whether the shim has to be preloaded for it.
  var needsShim: Bool { rawValue.hasPrefix("clock-") || self == .postgresDiskFull }

  /// Whether PostgreSQL must have a standby for it.
  var needsStandby: Bool { self == .postgresFailover }

  /// Whether the panel, or the way to it, is ill meanwhile.
  var spoilsPanel: Bool { isOfPanel || isOfProvider || rawValue.hasPrefix("net-panel-") || cutsHosts }

  private var cutsHosts: Bool { self == .hostPartition || self == .hostOneWay }

  /// Whether Redis may have lost entries of the stream by it. After a failover all are there again, under other ids: who had
  /// read on with the old master may miss some.
  var losesStream: Bool {
    [
      .flushAll, .redisEmpty, .redisSnapshot, .redisTail, .sentinelKillMaster, .sentinelFailover,
      .sentinelStopMaster, .clusterKillMaster, .clusterFailover, .clusterStopMaster,
    ].contains(self)
  }

  /// Whether it can be done to a run: some are of one Redis that nothing takes over from, some of sentinels or a cluster.
  func fits(_ redis: ChaosOptions.RedisSetup) -> Bool {
    switch redis {
    case .single: !rawValue.hasPrefix("sentinel-") && !rawValue.hasPrefix("cluster-")
    case .sentinel: !isOfOneRedis && !rawValue.hasPrefix("cluster-")
    case .cluster: !isOfOneRedis && !rawValue.hasPrefix("sentinel-")
    }
  }

  private var isOfOneRedis: Bool {
    [.redisEmpty, .redisSnapshot, .redisReadonly, .redisBusy, .redisTail, .clockRedis, .clockStrobe].contains(self)
      || rawValue.hasPrefix("net-redis-")
  }

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
