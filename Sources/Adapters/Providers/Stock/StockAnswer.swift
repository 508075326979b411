public import Orders

/// What a stock answers, written and read: a word, what goes with it, and a line for each code.
///
///     delivered 45.50
///     ABCD-EFGH-1234
///     ABCD-EFGH-5678  →  with its serial number behind a tab
public enum StockAnswer: Sendable, Equatable {
  public struct Code: Sendable, Equatable {
    public let code: Pin
    public let serial: String?
    public init(_ code: Pin, serial: String?) {
      self.code = code
      self.serial = serial
    }
  }

  /// The codes of a send, and what they cost together as far as that is known.
  case delivered([Code], cost: Money?)
  /// There are not as many as the order wants; for people.
  case empty(String)
  /// The send is not under way any more; for people.
  case over(String)
  /// To a question: nothing was set aside under the reference.
  case notFound
  /// To a probe.
  case working

  private static let separator: Character = "\t"

  public var text: String {
    switch self {
    case .delivered(let codes, let cost):
      let lines = codes.map { $0.code.secret + ($0.serial.map { "\(Self.separator)\($0)" } ?? "") }
      return ([["delivered", cost?.description].compactMap { $0 }.joined(separator: " ")] + lines)
        .joined(separator: "\n")
    case .empty(let why): return "empty \(why)"
    case .over(let why): return "over \(why)"
    case .notFound: return "not_found"
    case .working: return "working"
    }
  }

  /// - Returns: nil for what no stock answers.
  init?(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let head = (lines.first ?? "").split(separator: " ", maxSplits: 1)
    let rest = head.count == 2 ? String(head[1]) : ""
    switch head.first {
    case "delivered":
      let codes = lines.dropFirst().map { line in
        let parts = line.split(separator: Self.separator, maxSplits: 1).map(String.init)
        return Code(Pin(parts.first ?? ""), serial: parts.count == 2 ? parts[1] : nil)
      }
      guard !codes.isEmpty, codes.allSatisfy({ !$0.code.secret.isEmpty }) else { return nil }
      self = .delivered(codes, cost: Money(parsing: rest, decimalMark: .point))
    case "empty": self = .empty(rest)
    case "over": self = .over(rest)
    case "not_found" where lines.count == 1: self = .notFound
    case "working" where lines.count == 1: self = .working
    default: return nil
    }
  }

  /// Several codes are one PIN with a blank between them.
  var pin: Pin? {
    guard case .delivered(let codes, _) = self else { return nil }
    return Pin(codes.map(\.code.secret).joined(separator: " "))
  }

  /// The serial numbers, which are no secret.
  var note: String {
    guard case .delivered(let codes, _) = self else { return "" }
    let serials = codes.compactMap(\.serial)
    return serials.isEmpty ? "" : "serial \(serials.joined(separator: ", "))"
  }
}
