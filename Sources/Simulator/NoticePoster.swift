import EventLoop
import FoundationEssentials
import HTTPClient

/// Posts what became of orders by itself, as providers do whose notices anybody could have posted: twice, late, out of turn, and
/// at times before the answer to the send. With `lies` also what others post in its name.
@LoopActor
final class NoticePoster {
  /// What a post is, as it is counted.
  enum Kind: String {
    case genuine
    /// Another end than the order has.
    case forged
    /// About an order that nobody made.
    case unknown
    /// Cut off in its middle.
    case garbage
  }

  /// What it is told to do.
  struct Wish: Decodable {
    /// Where to, with blanks between.
    var urls: String
    /// Whose form: the name of an adapter.
    var form: String
    /// The share of changes that somebody lies about too.
    var lies: RateText
  }

  private static let timeout = Duration.seconds(3)
  private static let triesMax = 4
  private static let retryPause = Duration.milliseconds(700)
  /// How long after the change a notice goes out, in milliseconds; one is before the answer to the send.
  private static let delays = [0, 0, 0, 300, 1500, 6000]

  let form: String
  private let urls: [String]
  private let lies: Double
  private let seed: UInt64
  private let http = HTTPClient()
  private var told = 0
  /// What was posted, by its kind and by the status of the answer; 0 where none came.
  private(set) var counts: [String: Int] = [:]

  init?(_ wish: Wish, seed: UInt64) {
    guard case .share(let lies)? = FaultRate(wish.lies.text), ["dtone", "reloadly"].contains(wish.form) else {
      return nil
    }
    urls = wish.urls.split(separator: " ").map(String.init)
    guard !urls.isEmpty else { return nil }
    (form, self.lies, self.seed) = (wish.form, lies, seed)
  }

  /// Tells of a change, and has others tell otherwise.
  ///
  /// - Parameters:
  ///   - number: the provider's own name for it.
  ///   - text: the true notice.
  ///   - forged: the same with other ends.
  func tell(_ reference: String, number: String, _ text: String, forged: [String]) {
    told += 1
    let chance = Chance(seed, "notice", reference, told)
    for copy in 0..<(chance.bits % 3 == 0 ? 2 : 1) {
      post(.genuine, text, after: Self.delays[Int((chance.bits >> (8 + copy * 8)) % UInt64(Self.delays.count))])
    }
    guard Chance(seed, "lie", reference, told).share < lies else { return }
    let late = Int(chance.bits >> 24 % 4000)
    for lie in forged { for pause in [0, late % 4000] { post(.forged, lie, after: pause) } }
    // Of the same length, so that nothing but the names is wrong with it.
    let strange = [reference, number].reduce(text) { $0.replacing($1, with: Self.unknown($1, chance)) }
    post(.unknown, strange, after: 0)
    post(.garbage, String(text.prefix(text.count / 2)), after: 0)
  }

  private static func unknown(_ reference: String, _ chance: Chance) -> String {
    var bits = chance.bits
    return String(
      reference.enumerated().map { index, character in
        // Not the first: a number begins with no zero.
        guard index > 0, character.isNumber else { return character }
        defer { bits = bits >> 3 | bits << 61 }
        return Character("\(bits % 10)")
      })
  }

  private func post(_ kind: Kind, _ text: String, after milliseconds: Int) {
    Task(executorPreference: EventLoop.shared) { await self.deliver(kind, text, after: .milliseconds(milliseconds)) }
  }

  private func deliver(_ kind: Kind, _ text: String, after pause: Duration) async {
    try? await EventLoop.sleep(for: pause)
    // What is not taken comes again, as from a real one; liars try once.
    for attempt in 0..<(kind == .genuine ? Self.triesMax : 1) {
      let url = urls[(told + attempt) % urls.count]
      let reply = try? await http.perform(
        HTTPClientRequest(
          method: "POST", url: url, headers: [("Content-Type", "application/json")], body: Array(text.utf8),
          timeout: Self.timeout))
      counts["\(kind.rawValue) \(reply?.status ?? 0)", default: 0] += 1
      if let reply, reply.status == 202 { return }
      try? await EventLoop.sleep(for: Self.retryPause)
    }
  }
}
