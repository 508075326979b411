internal import Postgres

/// The SQL files as prepared statements: each is named after its file.
public enum Statements {
  /// How the server is to plan them, for ``PostgresPool``. Each finds its rows by an index, so that it stays as fast as
  /// the tables grow; but a plan is kept for as long as a session, and one made while a table was small reads all of it
  /// ever after. So reading whole tables is made dear, and with it compiling plans, which would seem to pay then.
  public static let planner: [(name: String, value: String)] = [
    ("enable_seqscan", "off"), ("enable_incremental_sort", "off"), ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"), ("jit", "off"),
    // One plan for all parameters, from the first call on.
    ("plan_cache_mode", "force_generic_plan"),
  ]

  static let insertOrders = PostgresStatement(name: "insert_orders", sql: withOrder(PackageResources.insert_orders_sql))
  static let findByKey = PostgresStatement(name: "find_by_key", sql: text(PackageResources.find_by_key_sql))
  static let loadOrders = PostgresStatement(name: "load_orders", sql: withOrder(PackageResources.load_orders_sql))
  static let transition = PostgresStatement(name: "transition", sql: fenced(withOrder(PackageResources.transition_sql)))
  static let noteUnfamiliar = PostgresStatement(
    name: "note_unfamiliar", sql: text(PackageResources.note_unfamiliar_sql))
  static let reschedule = PostgresStatement(name: "reschedule", sql: withOrder(PackageResources.reschedule_sql))
  static let resend = PostgresStatement(name: "resend", sql: withOrder(PackageResources.resend_sql))
  static let keepLists = PostgresStatement(name: "keep_lists", sql: text(PackageResources.keep_lists_sql))
  static let lockedOrders = PostgresStatement(name: "locked_orders", sql: text(PackageResources.locked_orders_sql))
  static let openOrders = PostgresStatement(name: "open_orders", sql: text(PackageResources.open_orders_sql))
  static let lockEventTail = PostgresStatement(name: "lock_event_tail", sql: text(PackageResources.lock_event_tail_sql))
  static let placeEvents = PostgresStatement(name: "place_events", sql: withEvent(PackageResources.place_events_sql))
  static let eventCursors = PostgresStatement(name: "event_cursors", sql: text(PackageResources.event_cursors_sql))
  static let readEvents = PostgresStatement(name: "read_events", sql: withEvent(PackageResources.read_events_sql))
  static let listEvents = PostgresStatement(name: "list_events", sql: withEvent(PackageResources.list_events_sql))
  static let listOrderEvents = PostgresStatement(
    name: "list_order_events", sql: withEvent(PackageResources.list_order_events_sql))
  static let noteDroppedEvents = PostgresStatement(
    name: "note_dropped_events", sql: text(PackageResources.note_dropped_events_sql))
  static let registerSink = PostgresStatement(name: "register_sink", sql: text(PackageResources.register_sink_sql))
  static let advanceSink = PostgresStatement(name: "advance_sink", sql: text(PackageResources.advance_sink_sql))
  static let setupStamp = PostgresStatement(name: "setup_stamp", sql: text(PackageResources.setup_stamp_sql))
  static let indexStates = PostgresStatement(name: "index_states", sql: text(PackageResources.index_states_sql))
  static let retirePinPrints = PostgresStatement(
    name: "retire_pin_prints", sql: text(PackageResources.retire_pin_prints_sql))
  static let retirePins = PostgresStatement(name: "retire_pins", sql: text(PackageResources.retire_pins_sql))
  static let beginPart = PostgresStatement(name: "begin_part", sql: text(PackageResources.begin_part_sql))
  static let dropPart = PostgresStatement(name: "drop_part", sql: text(PackageResources.drop_part_sql))
  static let fullParts = PostgresStatement(name: "full_parts", sql: text(PackageResources.full_parts_sql))
  static let partEvents = PostgresStatement(name: "part_events", sql: text(PackageResources.part_events_sql))
  static let partExchanges = PostgresStatement(name: "part_exchanges", sql: text(PackageResources.part_exchanges_sql))
  static let retireKeys = PostgresStatement(name: "retire_keys", sql: text(PackageResources.retire_keys_sql))
  static let listOrders = PostgresStatement(name: "list_orders", sql: text(PackageResources.list_orders_sql))
  static let listOrdersByStatus = PostgresStatement(
    name: "list_orders_by_status", sql: text(PackageResources.list_orders_by_status_sql))
  static let listOrdersByKey = list("list_orders_by_key", "tenant_id = $1 AND idempotency_key = $8::text")
  static let listOrdersByReference = list(
    "list_orders_by_reference", "tenant_id = $1 AND reference = $7::text")
  static let listOrdersByPlayer = list(
    "list_orders_by_player", "coalesce(player, fields ->> 'player_id') = $9::text")
  static let listChangedOrders = PostgresStatement(
    name: "list_changed_orders", sql: text(PackageResources.list_changed_orders_sql))
  static let changeAt = PostgresStatement(name: "change_at", sql: text(PackageResources.change_at_sql))
  static let sandboxOrder = PostgresStatement(name: "sandbox_order", sql: text(PackageResources.sandbox_order_sql))
  static let deliveryTimes = PostgresStatement(name: "delivery_times", sql: text(PackageResources.delivery_times_sql))
  static let orderDigest = PostgresStatement(name: "order_digest", sql: text(PackageResources.order_digest_sql))
  static let changeHorizon = PostgresStatement(name: "change_horizon", sql: text(PackageResources.change_horizon_sql))
  static let retireExchanges = PostgresStatement(
    name: "retire_exchanges", sql: text(PackageResources.retire_exchanges_sql))
  static let retireEvents = PostgresStatement(name: "retire_events", sql: text(PackageResources.retire_events_sql))
  static let retireEventPlaces = PostgresStatement(
    name: "retire_event_places", sql: text(PackageResources.retire_event_places_sql))
  static let settledReference = PostgresStatement(
    name: "settled_reference", sql: text(PackageResources.settled_reference_sql))
  static let findOrders = PostgresStatement(name: "find_orders", sql: text(PackageResources.find_orders_sql))
  static let revealPin = PostgresStatement(name: "reveal_pin", sql: text(PackageResources.reveal_pin_sql))
  static let rateOrder = PostgresStatement(name: "rate_order", sql: text(PackageResources.rate_order_sql))
  static let pageStory = PostgresStatement(name: "page_story", sql: text(PackageResources.page_story_sql))
  static let timeline = PostgresStatement(name: "timeline", sql: text(PackageResources.timeline_sql))
  static let directory = PostgresStatement(name: "directory", sql: text(PackageResources.directory_sql))
  static let personMove = PostgresStatement(name: "person_move", sql: text(PackageResources.person_move_sql))
  static let personHurry = PostgresStatement(name: "person_hurry", sql: text(PackageResources.person_hurry_sql))
  static let askNow = PostgresStatement(name: "ask_now", sql: text(PackageResources.ask_now_sql))
  static let contest = PostgresStatement(name: "contest", sql: text(PackageResources.contest_sql))
  static let findSecondLooks = PostgresStatement(
    name: "find_second_looks", sql: text(PackageResources.find_second_looks_sql))
  static let secondLookLag = PostgresStatement(name: "second_look_lag", sql: text(PackageResources.second_look_lag_sql))
  static let passSecondLooks = PostgresStatement(
    name: "pass_second_looks", sql: text(PackageResources.pass_second_looks_sql))
  static let owedSecondLooks = PostgresStatement(
    name: "owed_second_looks", sql: text(PackageResources.owed_second_looks_sql))
  static let loadSecondLook = PostgresStatement(
    name: "load_second_look", sql: text(PackageResources.load_second_look_sql))
  static let postponeSecondLook = PostgresStatement(
    name: "postpone_second_look", sql: text(PackageResources.postpone_second_look_sql))
  static let claimRefund = PostgresStatement(name: "claim_refund", sql: text(PackageResources.claim_refund_sql))
  static let audits = PostgresStatement(name: "audits", sql: text(PackageResources.audits_sql))
  static let heldForPin = PostgresStatement(name: "held_for_pin", sql: text(PackageResources.held_for_pin_sql))
  static let sends = PostgresStatement(name: "sends", sql: text(PackageResources.sends_sql))
  static let sendersDied = PostgresStatement(name: "senders_died", sql: text(PackageResources.senders_died_sql))
  static let lockProvider = PostgresStatement(name: "lock_provider", sql: text(PackageResources.lock_provider_sql))
  static let replaceProvider = PostgresStatement(
    name: "replace_provider", sql: text(PackageResources.replace_provider_sql))
  static let ordersAtProvider = PostgresStatement(
    name: "orders_at_provider", sql: text(PackageResources.orders_at_provider_sql))
  static let noticedSend = PostgresStatement(name: "noticed_send", sql: text(PackageResources.noticed_send_sql))
  static let orderChain = PostgresStatement(name: "order_chain", sql: text(PackageResources.order_chain_sql))
  static let orderInChain = PostgresStatement(name: "order_in_chain", sql: text(PackageResources.order_in_chain_sql))
  static let sendTerms = PostgresStatement(name: "send_terms", sql: text(PackageResources.send_terms_sql))
  static let catalogCostAt = PostgresStatement(
    name: "catalog_cost_at", sql: text(PackageResources.catalog_cost_at_sql))
  static let sendHistory = PostgresStatement(name: "send_history", sql: text(PackageResources.send_history_sql))
  static let wantSecond = PostgresStatement(name: "want_second", sql: text(PackageResources.want_second_sql))
  static let catalogCost = PostgresStatement(name: "catalog_cost", sql: text(PackageResources.catalog_cost_sql))
  static let saveCatalog = PostgresStatement(name: "save_catalog", sql: text(PackageResources.save_catalog_sql))
  static let doctor = PostgresStatement(name: "doctor", sql: text(PackageResources.doctor_sql))
  static let workingTokens = PostgresStatement(name: "working_tokens", sql: text(PackageResources.working_tokens_sql))
  static let insertToken = PostgresStatement(name: "insert_token", sql: text(PackageResources.insert_token_sql))
  static let rotateToken = PostgresStatement(name: "rotate_token", sql: text(PackageResources.rotate_token_sql))
  static let listTokens = PostgresStatement(name: "list_tokens", sql: text(PackageResources.list_tokens_sql))
  static let tokenUsed = PostgresStatement(name: "token_used", sql: text(PackageResources.token_used_sql))
  static let searchAll = search("search_all", PackageResources.search_among_all_sql)
  static let searchByTenant = search("search_by_tenant", PackageResources.search_among_tenant_sql)
  static let searchByStatus = search("search_by_status", PackageResources.search_among_status_sql)
  static let searchByPlayer = search("search_by_player", PackageResources.search_among_player_sql)
  static let searchByReference = search("search_by_reference", PackageResources.search_among_reference_sql)
  static let slowOrders = slow("slow_orders", "WHERE id >= $1::uuid AND id < $2::uuid ORDER BY id DESC")
  static let slowOrdersOfTenant = slow(
    "slow_orders_of_tenant", "WHERE tenant_id = $5::bigint AND id >= $1::uuid AND id < $2::uuid ORDER BY id DESC")
  static let orderSpent = PostgresStatement(name: "order_spent", sql: text(PackageResources.order_spent_sql))
  static let waitingSends = PostgresStatement(name: "waiting_sends", sql: text(PackageResources.waiting_sends_sql))
  static let heldAmong = PostgresStatement(name: "held_among", sql: text(PackageResources.held_among_sql))
  static let overviewOrders = PostgresStatement(
    name: "overview_orders", sql: text(PackageResources.overview_orders_sql))
  static let orderCounts = PostgresStatement(name: "order_counts", sql: text(PackageResources.order_counts_sql))
  static let outboxLag = PostgresStatement(name: "outbox_lag", sql: text(PackageResources.outbox_lag_sql))
  static let openAmong = PostgresStatement(name: "open_among", sql: text(PackageResources.open_among_sql))

  static let listTenants = PostgresStatement(name: "list_tenants", sql: text(PackageResources.list_tenants_sql))
  static let insertDashboardToken = PostgresStatement(
    name: "insert_dashboard_token", sql: text(PackageResources.insert_dashboard_token_sql))
  static let dashboardTokens = PostgresStatement(
    name: "dashboard_tokens", sql: text(PackageResources.dashboard_tokens_sql))
  static let endedOrders = PostgresStatement(name: "ended_orders", sql: text(PackageResources.ended_orders_sql))
  static let heldOrders = PostgresStatement(name: "held_orders", sql: text(PackageResources.held_orders_sql))
  static let newestOrders = PostgresStatement(name: "newest_orders", sql: text(PackageResources.newest_orders_sql))

  static let eventTenants = PostgresStatement(name: "event_tenants", sql: text(PackageResources.event_tenants_sql))
  static let insertDeliveries = PostgresStatement(
    name: "insert_deliveries", sql: text(PackageResources.insert_deliveries_sql))
  static let dueDelivery = PostgresStatement(
    name: "due_delivery", sql: inOrder(text(PackageResources.due_delivery_sql)))
  static let deliveryPin = PostgresStatement(name: "delivery_pin", sql: text(PackageResources.delivery_pin_sql))
  static let recordDelivered = PostgresStatement(
    name: "record_delivered", sql: text(PackageResources.record_delivered_sql))
  static let recordDelivery = PostgresStatement(
    name: "record_delivery", sql: text(PackageResources.record_delivery_sql))
  static let keepAbandoned = PostgresStatement(name: "keep_abandoned", sql: text(PackageResources.keep_abandoned_sql))
  static let keepDeliveries = PostgresStatement(
    name: "keep_deliveries", sql: text(PackageResources.keep_deliveries_sql))
  static let owedDeliveries = PostgresStatement(
    name: "owed_deliveries", sql: text(PackageResources.owed_deliveries_sql))
  static let putEndpoint = PostgresStatement(name: "put_endpoint", sql: text(PackageResources.put_endpoint_sql))
  static let endpointSecret = PostgresStatement(
    name: "endpoint_secret", sql: text(PackageResources.endpoint_secret_sql))
  static let endpointSecrets = PostgresStatement(
    name: "endpoint_secrets", sql: text(PackageResources.endpoint_secrets_sql))
  static let listEndpoints = PostgresStatement(name: "list_endpoints", sql: text(PackageResources.list_endpoints_sql))
  static let removeEndpoint = PostgresStatement(
    name: "remove_endpoint", sql: text(PackageResources.remove_endpoint_sql))
  static let endpointState = PostgresStatement(name: "endpoint_state", sql: text(PackageResources.endpoint_state_sql))
  static let rotateEndpoint = PostgresStatement(
    name: "rotate_endpoint", sql: text(PackageResources.rotate_endpoint_sql))
  static let replayDeliveries = PostgresStatement(
    name: "replay_deliveries", sql: text(PackageResources.replay_deliveries_sql))
  static let countReplay = PostgresStatement(name: "count_replay", sql: text(PackageResources.count_replay_sql))
  static let listDeliveries = PostgresStatement(
    name: "list_deliveries", sql: text(PackageResources.list_deliveries_sql))
  static let orderDeliveries = PostgresStatement(
    name: "order_deliveries", sql: text(PackageResources.order_deliveries_sql))
  static let deliveryAttempts = PostgresStatement(
    name: "delivery_attempts", sql: text(PackageResources.delivery_attempts_sql))
  static let resendDelivery = PostgresStatement(
    name: "resend_delivery", sql: text(PackageResources.resend_delivery_sql))
  static let testDelivery = PostgresStatement(name: "test_delivery", sql: text(PackageResources.test_delivery_sql))
  static let retireDeliveries = PostgresStatement(
    name: "retire_deliveries", sql: text(PackageResources.retire_deliveries_sql))
  static let noticeOfProvider = PostgresStatement(
    name: "notice_of_provider", sql: text(PackageResources.notice_of_provider_sql))
  static let noticeOfEndpoint = PostgresStatement(
    name: "notice_of_endpoint", sql: text(PackageResources.notice_of_endpoint_sql))
  static let noteTrouble = PostgresStatement(name: "note_trouble", sql: text(PackageResources.note_trouble_sql))
  static let endpointIDs = PostgresStatement(name: "endpoint_ids", sql: text(PackageResources.endpoint_ids_sql))
  static let endpointTally = PostgresStatement(name: "endpoint_tally", sql: text(PackageResources.endpoint_tally_sql))

  static let claimToken = PostgresStatement(name: "claim_token", sql: text(PackageResources.claim_token_sql))
  static let keepToken = PostgresStatement(name: "keep_token", sql: text(PackageResources.keep_token_sql))
  static let giveUpToken = PostgresStatement(name: "give_up_token", sql: text(PackageResources.give_up_token_sql))
  static let dropTokens = PostgresStatement(name: "drop_tokens", sql: text(PackageResources.drop_tokens_sql))
  static let offerToDesk = PostgresStatement(name: "offer_to_desk", sql: text(PackageResources.offer_to_desk_sql))
  static let deskSend = PostgresStatement(name: "desk_send", sql: text(PackageResources.desk_send_sql))
  static let loadFulfilment = PostgresStatement(
    name: "load_fulfilment", sql: text(PackageResources.load_fulfilment_sql))
  static let handOverCode = PostgresStatement(name: "hand_over_code", sql: text(PackageResources.hand_over_code_sql))
  static let moveFulfilment = PostgresStatement(
    name: "move_fulfilment", sql: text(PackageResources.move_fulfilment_sql))
  static let partnerOrders = PostgresStatement(name: "partner_orders", sql: text(PackageResources.partner_orders_sql))
  static let reserveStock = PostgresStatement(name: "reserve_stock", sql: text(PackageResources.reserve_stock_sql))
  static let stockOfSend = PostgresStatement(name: "stock_of_send", sql: text(PackageResources.stock_of_send_sql))
  static let settleStock = PostgresStatement(name: "settle_stock", sql: text(PackageResources.settle_stock_sql))
  static let stockLevels = PostgresStatement(name: "stock_levels", sql: text(PackageResources.stock_levels_sql))
  static let stockHas = PostgresStatement(name: "stock_has", sql: text(PackageResources.stock_has_sql))
  static let knownStock = PostgresStatement(name: "known_stock", sql: text(PackageResources.known_stock_sql))
  static let addStock = PostgresStatement(name: "add_stock", sql: text(PackageResources.add_stock_sql))
  static let moveStock = PostgresStatement(name: "move_stock", sql: text(PackageResources.move_stock_sql))

  static let addStatementLines = PostgresStatement(
    name: "add_statement_lines", sql: text(PackageResources.add_statement_lines_sql))
  static let nameStatementLines = PostgresStatement(
    name: "name_statement_lines", sql: text(PackageResources.name_statement_lines_sql))
  static let compareStatement = PostgresStatement(
    name: "compare_statement", sql: text(PackageResources.compare_statement_sql))
  static let missingInStatement = PostgresStatement(
    name: "missing_in_statement", sql: text(PackageResources.missing_in_statement_sql))
  static let stateStock = PostgresStatement(
    name: "state_stock", sql: text(PackageResources.state_stock_sql))
  static let stateDesk = PostgresStatement(name: "state_desk", sql: text(PackageResources.state_desk_sql))
  static let contestByStatement = PostgresStatement(
    name: "contest_by_statement", sql: text(PackageResources.contest_by_statement_sql))

  static let insertNotifications = PostgresStatement(
    name: "insert_notifications", sql: text(PackageResources.insert_notifications_sql))
  static let notifyTenants = PostgresStatement(name: "notify_tenants", sql: text(PackageResources.notify_tenants_sql))
  static let beginNotification = PostgresStatement(
    name: "begin_notification", sql: text(PackageResources.begin_notification_sql))
  static let recordNotification = PostgresStatement(
    name: "record_notification", sql: text(PackageResources.record_notification_sql))
  static let holdChannel = PostgresStatement(name: "hold_channel", sql: text(PackageResources.hold_channel_sql))
  static let noteContact = PostgresStatement(name: "note_contact", sql: text(PackageResources.note_contact_sql))
  static let unblockContact = PostgresStatement(
    name: "unblock_contact", sql: text(PackageResources.unblock_contact_sql))
  static let owedNotifications = PostgresStatement(
    name: "owed_notifications", sql: text(PackageResources.owed_notifications_sql))
  static let keepNotifications = PostgresStatement(
    name: "keep_notifications", sql: text(PackageResources.keep_notifications_sql))
  static let listNotifications = PostgresStatement(
    name: "list_notifications", sql: text(PackageResources.list_notifications_sql))
  static let editNotification = PostgresStatement(
    name: "edit_notification", sql: text(PackageResources.edit_notification_sql))
  static let addButton = PostgresStatement(name: "add_button", sql: text(PackageResources.add_button_sql))
  static let claimButton = PostgresStatement(name: "claim_button", sql: text(PackageResources.claim_button_sql))
  static let takeUpdate = PostgresStatement(name: "take_update", sql: text(PackageResources.take_update_sql))
  static let endUpdate = PostgresStatement(name: "end_update", sql: text(PackageResources.end_update_sql))
  static let retireNotifications = PostgresStatement(
    name: "retire_notifications", sql: text(PackageResources.retire_notifications_sql))
  static let channelTally = PostgresStatement(name: "channel_tally", sql: text(PackageResources.channel_tally_sql))
  static let dueNotification = PostgresStatement(
    name: "due_notification",
    sql: text(PackageResources.due_notification_sql).replacing("{address}", with: notifyAddress))

  /// Without the comment, which would hide what comes behind it on its line.
  private static let notifyAddress = text(PackageResources.notify_address_sql).split(separator: "\n").dropFirst()
    .joined(separator: "\n")

  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// A statement that answers with orders, for ``OrderRow``.
  private static func withOrder(_ sql: [UInt8]) -> String {
    text(sql).replacing("{columns}", with: text(PackageResources.order_columns_sql))
      .replacing("{answer}", with: text(PackageResources.order_answer_sql))
  }

  private static func list(_ name: String, _ among: String) -> PostgresStatement {
    PostgresStatement(
      name: name, sql: text(PackageResources.list_orders_among_sql).replacing("{among}", with: among))
  }

  /// A statement that answers with events, for ``Outbox``.
  private static func withEvent(_ sql: [UInt8]) -> String {
    text(sql).replacing("{event}", with: eventColumns)
  }

  /// Without the comment, which would hide what comes behind it on its line.
  private static let eventColumns = text(PackageResources.event_columns_sql).split(separator: "\n").dropFirst()
    .joined(separator: "\n")

  private static func search(_ name: String, _ among: [UInt8]) -> PostgresStatement {
    PostgresStatement(
      name: name, sql: text(PackageResources.search_orders_sql).replacing("{among}", with: text(among)))
  }

  private static func slow(_ name: String, _ among: String) -> PostgresStatement {
    PostgresStatement(name: name, sql: text(PackageResources.slow_orders_sql).replacing("{among}", with: among))
  }

  private static func inOrder(_ sql: String) -> String {
    #if SEVK_SABOTAGE
      if Sabotage.current == .overtake { return sql.replacing("ORDER BY position", with: "ORDER BY position DESC") }
    #endif
    return sql
  }

  private static func fenced(_ sql: String) -> String {
    #if SEVK_SABOTAGE
      if Sabotage.current == .forgetClaim {
        return sql.replacing("AND (i.status <> 'pending' OR o.refund_claimed_at IS NULL)", with: "")
      }
      if Sabotage.current == .noFence { return sql.replacing("AND o.version = i.version", with: "") }
    #endif
    return sql
  }
}
