/// What can go wrong at the panel, on purpose.
enum Fault: String, CaseIterable, Sendable {
  // The answer is lost or spoilt, on any endpoint.
  /// Reads the request, records nothing, resets the connection.
  case dropRequest = "drop-request"
  /// The reply trickles, a byte at a time.
  case slow
  /// A web page, with status 200.
  case html
  case empty
  /// The reply ends early, with a length to match.
  case truncated
  case serverError = "5xx"
  case forbidden = "403"
  case tooMany = "429"
  case windows1254 = "windows-1254"
  case byteOrderMark = "bom"
  /// The panel's login error, in the form that resembles a balance and a cancellation.
  case loginFails = "login-fails"
  // Sends.
  /// Accepts and debits, then resets the connection instead of answering.
  case loseAnswer = "lose-answer"
  /// Accepts and debits, and never answers.
  case stall
  /// Works as it should, and answers only after whoever asked has given up. Questions too.
  case answerLate = "answer-late"
  /// Books one request twice.
  case doubleDebit = "double-debit"
  /// Books, and a proxy repeats the request: the answer is to the copy, and refuses it for one reason or another.
  case refuseBooked = "refuse-booked"
  /// Books nothing, and says that the dealer's login, address or balance is no good.
  case turnAway = "turn-away"
  /// DT One: makes a transaction and loses the answer, before anything is booked.
  case loseCreated = "lose-created"
  /// Reloadly: the token that a request has is good no more.
  case tokenRefused = "token-refused"
  // Of JSON and HTTP, at Reloadly and DT One.
  /// Another length than that of the body.
  case wrongLength = "wrong-length"
  case redirect
  /// Called packed, and is not.
  case gzip
  /// Numbers as texts.
  case textNumbers = "text-numbers"
  /// Answers with another cost than it debits.
  case wrongCost = "wrong-cost"
  // The life of an order, decided when it is accepted.
  /// Completed, later cancelled.
  case lateCancel = "late-cancel"
  /// Cancelled by a person on the panel: without a reason.
  case cancelByHand = "cancel-by-hand"
  /// Stays waiting until settled by hand.
  case neverEnds = "never-ends"
  /// The PIN of another order.
  case samePin = "same-pin"
  // Questions.
  /// A bare `3|`, whatever the order's state.
  case queryFails = "query-fails"
  case queryEmpty = "query-empty"
  /// Says that it does not have an order that it has: only where a repeated reference is booked once.
  case deny
  case queryStall = "query-stall"
  /// Completed, but the PIN is gone from the reply.
  case pinVanishes = "pin-vanishes"
  case unknownStatus = "unknown-status"
  /// An error about the question that is cut, or worded, so that it reads as a cancellation.
  case cancelCut = "cancel-cut"
  /// A notice of PHP before or behind the true line.
  case notice
  /// The line of another order follows.
  case secondLine = "second-line"
  /// The line is cut in the PIN, at the same byte for each question about the order.
  case pinCut = "pin-cut"
  /// The line of another order alone, whole: a proxy that mixes two questions up. Never twice in a row.
  case stray
}

/// How often a fault strikes.
enum FaultRate: Equatable, Sendable {
  /// The share of the requests it could strike.
  case share(Double)
  /// The next so many of them.
  case next(Int)

  /// `0.2` or `#3`.
  init?(_ text: some StringProtocol) {
    if text.hasPrefix("#") {
      guard let count = Int(text.dropFirst()), count >= 0 else { return nil }
      self = .next(count)
    } else {
      guard let share = Double(String(text)), (0...1).contains(share) else { return nil }
      self = .share(share)
    }
  }
}

/// Decides which requests a fault strikes: by a hash of seed, fault, reference and the how-manieth request for that
/// reference, so that a run repeats whatever the order of arrival.
struct Faults {
  let seed: UInt64
  private(set) var rates: [Fault: FaultRate]
  private(set) var counts: [Fault: Int] = [:]

  init(seed: UInt64, rates: [Fault: FaultRate]) {
    self.seed = seed
    self.rates = rates.filter { $0.value != .share(0) && $0.value != .next(0) }
  }

  mutating func set(_ fault: Fault, _ rate: FaultRate) {
    rates[fault] = rate == .share(0) || rate == .next(0) ? nil : rate
  }

  /// Whether `fault` strikes this request; counts it if so.
  mutating func strikes(_ fault: Fault, _ reference: String, nth: Int) -> Bool {
    guard let rate = rates[fault] else { return false }
    switch rate {
    case .share(let share):
      guard Chance(seed, fault.rawValue, reference, nth).share < share else { return false }
    case .next(let left):
      set(fault, .next(left - 1))
    }
    counts[fault, default: 0] += 1
    return true
  }
}

/// A number that depends on nothing but what it is made from.
struct Chance {
  let bits: UInt64

  init(_ seed: UInt64, _ purpose: String, _ reference: String, _ nth: Int = 0) {
    // FNV-1a over the parts, then the finalizer of SplitMix64: FNV alone leaves the high bits too regular.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ seed
    for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    hash = (hash ^ 0xFF) &* 0x100_0000_01B3
    for byte in reference.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    hash = (hash ^ UInt64(truncatingIfNeeded: nth)) &+ 0x9E37_79B9_7F4A_7C15
    hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
    bits = hash ^ (hash >> 31)
  }

  /// 0 up to, but not, 1.
  var share: Double { Double(bits >> 11) * 0x1p-53 }
}
