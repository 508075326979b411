/// What was shown to whom, and what was wrong with what came.
struct MessageBooks: Encodable {
  struct Button: Encodable {
    let title: String
    let data: String?
  }

  struct Shown: Encodable {
    let chat: String
    let message: Int
    /// As people read it.
    var text: String
    var buttons: [[Button]]
    var hasPhoto = false
    /// What it said before.
    var earlier: [String] = []
  }

  struct SMS: Encodable {
    let phone: String
    let id: Int
    let text: String
    let sender: String?
  }

  struct Letter: Encodable {
    let from: String
    let to: String
    let subject: String
    let id: String
    let body: String
    let login: String
  }

  var telegram: [Shown] = []
  var sms: [SMS] = []
  var mail: [Letter] = []
  /// What those who pressed saw.
  var notes: [String] = []
  /// What was refused, and why: a mistake of ours, unless somebody asked for it.
  var refused: [String] = []
  /// Requests in a time in which it had asked to be left alone.
  var impatient = 0
  /// Requests of each kind.
  var requests: [String: Int] = [:]
  /// What posts to the webhook were answered, by status.
  var posts: [String: Int] = [:]

  mutating func count(_ kind: String) { requests[kind, default: 0] += 1 }
}
