/// What a run left behind, as far as the checker needs it: plain data, so that a test can forge it.
struct Evidence: Codable, Sendable {
  /// One order as the shop knows it.
  struct Post: Codable, Sendable {
    var key: String
    var player: String
    /// Every id that a 201 or 200 named for this key.
    var ids: [String] = []
    /// Set when the API refused the order for good (4xx).
    var refusal: String?
    /// What became of the shop's wish to cancel it; nil when it had none.
    var cancel: Cancel?
    /// What its claims of a refund were answered, in their order.
    var claims: [String] = []
  }

  enum Cancel: String, Codable, Sendable {
    /// No answer came, so either may be true.
    case asked
    /// Sevk said that it is cancelled.
    case confirmed
    /// Sevk said that it is too late.
    case refused
  }

  /// A request that no order may come of.
  struct BadRequest: Codable, Sendable {
    var name: String
    /// The status that the API promises for it.
    var expected: Int
    var status: Int
  }

  /// A job that nobody enqueued in order, put straight into Redis.
  struct GarbageJob: Codable, Sendable {
    var name: String
    var queue: String
    /// Where it is in the end: `ready`, `leased`, `delayed`, `dead` or `gone`.
    var state: String
    /// Why it is dead, as people are told.
    var reason: String?
    /// That it waits for its next try is as good as dead: it names an order that may still come.
    var mayWait = false
  }

  /// One row of `orders`.
  struct Order: Codable, Sendable {
    var id: String
    var key: String
    var status: String
    var reason: String?
    /// In ten-thousandths; nil when the provider never said it.
    var cost: Int64?
    var hasNextCheck: Bool
    var reasonCode: String?
    /// Its version when its refund was claimed first.
    var claimedAtVersion: Int?
  }

  /// One row of `attempts`.
  struct Attempt: Codable, Sendable {
    var order: String
    var number: Int
    var reference: String
    /// What is known of it, as the database says it.
    var state = "accepted"
    /// How often it was repeated under its reference: each is a version of the order without an event.
    var resends = 0
    /// It was one at our own stock of codes.
    var isOfStock = false
    /// Whom it is for at a provider that takes no reference, whose books are found by that.
    var player: String?
  }

  /// One row of `events`.
  struct Event: Codable, Sendable {
    var order: String
    var version: Int
    /// Nil for events that are not published.
    var type: String?
    var isPublished: Bool
  }

  /// One entry of the stream, in the order in which a subscriber got them.
  struct Delivery: Codable, Sendable {
    var order: String
    var sequence: Int
    var subscriber = Evidence.steady
    /// How often the subscriber had begun again from an old place.
    var reading = 0
  }

  /// One reference at the panel.
  struct PanelOrder: Codable, Sendable {
    var reference: String
    var player: String
    var state: String
    var pin: String?
    /// One debit, in ten-thousandths.
    var amount: Int64
    var sends: Int
    var debits: Int
    var credits: Int
    /// Was completed at some time, though perhaps cancelled since.
    var wasCompleted = false
    /// The panel debited one send twice, by its own fault.
    var wasBookedTwice = false
    /// What its answer to the send named as the cost, where that was not the debit.
    var costTold: Int64?
  }

  /// A process of Sevk that ended.
  struct Ending: Codable, Sendable {
    var process: String
    /// Such as `signal 9` or `exit 0`.
    var how: String
    /// Why this is wrong; nil when it is what was asked for.
    var problem: String?
  }

  /// What came of comparing a provider's statement with the orders, once what it settles was settled.
  struct Statement: Codable, Sendable {
    var provider: String
    /// Whether its lines name our references.
    var knowsReferences: Bool
    /// As `worker provider reconcile` ended.
    var code: Int32
    var unread: Int
    /// What it says was debited, in ten-thousandths.
    var theirs: Int64
    var settled: Int
    var settleable: Int
    /// Lines by what was found.
    var kinds: [String: Int]
  }

  var posts: [Post] = []
  var statements: [Statement] = []
  var orders: [Order] = []
  var attempts: [Attempt] = []
  var events: [Event] = []
  var deliveries: [Delivery] = []
  /// Everyone who reads the stream; each must get everything.
  var subscribers = [steady]
  /// Redis lost the stream, so that a subscriber may have missed some of it.
  var streamWasLost = false
  var panel: [PanelOrder] = []
  /// What left the panel's balance since the start, in ten-thousandths.
  var panelSpent: Int64 = 0
  /// By order id, as `?include=pin` showed them.
  var pins: [String: String] = [:]
  var endings: [Ending] = []
  /// What the processes logged as drops of a balance that no order explains, in ten-thousandths each.
  var alarms: [Int64] = []
  /// What they logged as drops too large for orders that were booked twice, in ten-thousandths each.
  var withdrawals: [Int64] = []
  /// Redis, and with it the sums of the balance watch, was lost or a process was killed between a send and its note.
  var sumsWereLost = false
  /// How often an order was asked for with another tenant's token.
  var foreignReads = 0
  /// The answers to those that were not 404.
  var foreignAnswers: [String] = []
  var badRequests: [BadRequest] = []
  var garbage: [GarbageJob] = []
  /// What was deleted in Redis, key by key.
  var deletedKeys: Set<String> = []
  /// Orders that waited for a provider that was shut though another could take them.
  var needlessWaits: [String] = []
  /// Codes of our own; nil where none were sold.
  var stock: Stock?
  /// What was posted to the gateways in providers' names: `genuine 202` and so on.
  var notices: [String: Int] = [:]
  /// How often a fault of the panel struck.
  var faultsOfPanel: [String: Int] = [:]
  /// Nothing was done to the panel or on the way to it, so it said one thing of each order.
  var panelWasHonest = false
  /// What endpoints and subscribers by position were told.
  var outside = Outside()
  /// Log lines with a secret in them, named by file and line and never quoted.
  var leaks: [String] = []

  /// The subscriber that keeps up.
  static let steady = "steady"
}
