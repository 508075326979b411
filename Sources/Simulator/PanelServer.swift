import EventLoop
import Glibc
import HTTPServer

/// One panel with its faults, behind HTTP.
@LoopActor
final class PanelServer {
  var panel: Panel
  var faults: Faults
  var apiBooks = APIBooks()
  /// Nil while nobody is told anything.
  var notices: NoticePoster?
  let options: SimulatorOptions
  /// How many requests each reference has had, by endpoint: what makes the n-th one's faults its own.
  private var requestCounts: [String: Int] = [:]
  private let clock = ContinuousClock()
  private let started: ContinuousClock.Instant

  nonisolated init(_ options: SimulatorOptions) {
    self.options = options
    panel = Panel(
      seed: options.seed, balance: options.balance, completeAfter: options.completeAfter,
      cancelRate: options.cancelRate, dealers: [options.kod] + options.dealers, hasWordPins: options.hasWordPins)
    faults = Faults(seed: options.seed, rates: options.faults)
    started = clock.now
  }

  /// Milliseconds since the start.
  var now: Int64 { Int64((clock.now - started).wholeMilliseconds) }

  /// On the clock that the machine's processes share.
  var monotonicMicroseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
  }

  /// Sends being answered, and the most at once so far.
  private var sendsUnderWay = 0
  private(set) var sendsAtOnceMax = 0

  /// The answer to a request; to a send only after the panel's own time for it.
  func serve(_ request: HTTPRequest) async -> HTTPResponse {
    let response = await answerInTime(request)
    await letNoticeOvertake(request)
    if !faults.rates.isEmpty, isLate(request) { try? await EventLoop.sleep(for: options.lateBy) }
    return response
  }

  private func isLate(_ request: HTTPRequest) -> Bool {
    if request.path == Self.turkpin {
      let asked = TurkpinRequest(request).fields
      guard let name = asked["siparisNo"] ?? asked["character"] else { return false }
      return faults.strikes(.answerLate, name, nth: count("a", name))
    }
    let names = ["referans", "tahsilat_api_islem_id", "tekilnumara", "order_uuid", "orders"]
    guard let reference = (names + ["customIdentifier", "external_id"]).lazy.compactMap({ request.query[$0] }).first
    else {
      return false
    }
    return faults.strikes(.answerLate, reference, nth: count("a", reference))
  }

  private func answerInTime(_ request: HTTPRequest) async -> HTTPResponse {
    guard options.sendTakes > .zero, Self.isSend(request) else { return answer(request) }
    sendsUnderWay += 1
    sendsAtOnceMax = max(sendsAtOnceMax, sendsUnderWay)
    let isFree = Self.identifier(in: request).map { panel.order($0) == nil } ?? false
    try? await EventLoop.sleep(for: options.sendTakes)
    sendsUnderWay -= 1
    apiBooks.cameFree = isFree
    defer { apiBooks.cameFree = false }
    return answer(request)
  }

  private static func isSend(_ request: HTTPRequest) -> Bool {
    let path = request.path
    if path == turkpin { return TurkpinRequest(request).command == "epinSiparisYarat" }
    return [
      "/servis/pin_ekle.php", "/servis/tl_servis.php", "/servis/fatura_ekle.php", topUps, orders, transactions,
    ].contains(path)
      || path.hasPrefix(newOrder)
  }

  /// Turkpin's only page.
  nonisolated static let turkpin = "/api.php"
  /// Before a ZDK product's id.
  nonisolated static let newOrder = "/client/api/newOrder/"

  func answer(_ request: HTTPRequest) -> HTTPResponse {
    if Self.isInternal(request) { return answerInternal(request) }
    return switch request.path {
    case "/servis/pin_ekle.php": order(request)
    case "/servis/pin_kontrol.php": check(request)
    case "/servis/bakiye_kontrol.php": showBalance(request)
    case "/servis/pin_listesi.php": list(request)
    case "/servis/tl_servis.php": topUp(request)
    case "/servis/tl_kontrol.php": checkTopUp(request)
    case "/servis/fatura_ekle.php": payBill(request)
    case "/servis/fatura_kontrol.php": checkBill(request)
    case "/client/api/check": checkAtStore(request)
    case "/client/api/profile": showProfile(request)
    case "/client/api/products": listStock(request)
    case let path where path.hasPrefix(Self.newOrder): orderAtStore(request)
    case Self.turkpin: answerTurkpin(request)
    case "/_audit": audit(request)
    case "/_statement": statement(request)
    case "/_faults": changeFaults(request)
    case "/_settle": settle(request)
    case "/_balance": addBalance(request)
    case "/_prices": setPrices(request)
    case "/_notices": setNotices(request)
    default:
      answerAtReloadly(request) ?? answerAtDTOne(request)
        ?? HTTPResponse(status: 404, headers: Self.plain, body: Array("no such page\n".utf8))
    }
  }

  func count(_ endpoint: Character, _ reference: String) -> Int {
    // Without faults nobody asks, and the table would only grow.
    guard !faults.rates.isEmpty else { return 1 }
    return Self.increment(&requestCounts["\(endpoint)\(reference)", default: 0])
  }

  private static func increment(_ count: inout Int) -> Int {
    count += 1
    return count
  }

  nonisolated static let plain = [("Content-Type", "text/html; charset=UTF-8")]
  nonisolated static let json = [("Content-Type", "application/json")]
}
