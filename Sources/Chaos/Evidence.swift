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
  }

  /// One row of `attempts`.
  struct Attempt: Codable, Sendable {
    var order: String
    var number: Int
    var reference: String
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
  }

  /// A process of Sevk that ended.
  struct Ending: Codable, Sendable {
    var process: String
    /// Such as `signal 9` or `exit 0`.
    var how: String
    /// Why this is wrong; nil when it is what was asked for.
    var problem: String?
  }

  var posts: [Post] = []
  var orders: [Order] = []
  var attempts: [Attempt] = []
  var events: [Event] = []
  var deliveries: [Delivery] = []
  /// Redis lost the stream, so that a subscriber may have missed some of it.
  var streamWasLost = false
  var panel: [PanelOrder] = []
  /// What left the panel's balance since the start, in ten-thousandths.
  var panelSpent: Int64 = 0
  /// By order id, as `?include=pin` showed them.
  var pins: [String: String] = [:]
  var endings: [Ending] = []
  /// Log lines with a secret in them, named by file and line and never quoted.
  var leaks: [String] = []
}
