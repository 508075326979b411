import Cipher
import EventLoop
import FoundationEssentials
import Glibc
import HTTPServer
import PrivateServers
import Seeded

/// A shop's receiver of one endpoint's events: takes them, or does to them what receivers do on a bad day.
@LoopActor
final class ShopReceiver {
  enum Mode: String, CaseIterable {
    case good
    /// Nobody listens.
    case down
    case slow
    case flaky
    /// The head of a 200, and then nothing.
    case silent
    /// It stores the event, and resets the connection without an answer.
    case cut
    /// Half of a 200.
    case half
    /// Takes it, and says so byte by byte.
    case trickle
    /// Says that it lives elsewhere, which nobody may believe.
    case redirect
    case busy
    /// It wants nothing any more.
    case gone
  }

  /// How late a slow one answers, in milliseconds.
  private static let slowMilliseconds = 500...2500
  private static let tricklePause = Duration.milliseconds(40)
  private static let slowAnswer = Array("taken".utf8)
  private static let retryAfter = "1"
  private static let path = "/hook"
  private static let elsewhere = "/elsewhere"
  /// As Standard Webhooks advises receivers, in seconds.
  private static let clockToleranceSeconds = 300

  let endpoint: Evidence.Outside.Endpoint
  /// Whether faults of receivers hit it, and which.
  let suffers: Set<Mode>
  let url: String
  private let server: HTTPServer
  private let ledger: PostLedger
  private var random: SeededGenerator
  private var secret: [UInt8] = []
  /// Clocks of processes are turned in this run, so that no timestamp can be relied on.
  private let anyTime: Bool
  private var mode = Mode.good
  private var share = 1.0

  /// - Parameter address: where it listens.
  init(
    _ endpoint: Evidence.Outside.Endpoint, suffers: Set<Mode>, ledger: PostLedger, seed: UInt64, anyTime: Bool,
    address: String
  ) throws {
    (self.endpoint, self.suffers, self.ledger, self.anyTime) = (endpoint, suffers, ledger, anyTime)
    random = SeededGenerator(seed: seed)
    let port = try FreePort.find()
    url = "http://\(address):\(port)\(Self.path)"
    var limits = HTTPServerLimits()
    limits.requestTimeout = .seconds(60)
    let later = Later()
    server = HTTPServer(host: address, port: port, limits: limits) { await later.answer($0) }
    later.receiver = self
  }

  /// A server knows its handler before there is a receiver.
  @LoopActor
  private final class Later {
    weak var receiver: ShopReceiver?
    func answer(_ request: HTTPRequest) async -> HTTPResponse {
      await receiver?.take(request) ?? .abort(.close)
    }
  }

  /// - Parameter secret: as Sevk printed it: `whsec_` and base64.
  func start(secret: String) throws {
    guard let bytes = Base64.decode(String(secret.dropFirst("whsec_".count))), !bytes.isEmpty else {
      throw ChildProgram.Failure("\(endpoint.name) got no secret, but \(secret.count) bytes")
    }
    self.secret = bytes
    try server.start()
  }

  func stop() async { await server.stop(grace: .zero) }

  /// - Parameter share: of the posts.
  func set(_ mode: Mode, share: Double = 1) async throws {
    let wasDown = self.mode == .down
    (self.mode, self.share) = (mode, share)
    if mode == .down, !wasDown { await server.stop(grace: .zero) }
    if mode != .down, wasDown { try server.start() }
  }

  // MARK: What comes

  private func take(_ request: HTTPRequest) async -> HTTPResponse {
    let number = ledger.add(read(request))
    guard Double.random(in: 0..<1, using: &random) < share else { return taken(number) }
    switch mode {
    case .good, .down: return taken(number)
    case .slow:
      try? await EventLoop.sleep(for: .milliseconds(Int.random(in: Self.slowMilliseconds, using: &random)))
      return taken(number)
    case .flaky: return HTTPResponse(status: 500, body: Array("out of order".utf8))
    case .silent: return HTTPResponse(status: 200, headers: [("Content-Length", "9")], body: .handover { _ in })
    case .cut: return .abort(.reset)
    case .half:
      return HTTPResponse(
        status: 200, headers: [("Content-Length", "9")],
        body: .handover {
          $0.write(Array("half".utf8))
          $0.end()
        })
    case .trickle: return trickle(number)
    case .redirect: return HTTPResponse(status: 302, headers: [("Location", Self.elsewhere)])
    case .busy: return HTTPResponse(status: 429, headers: [("Retry-After", Self.retryAfter)])
    case .gone: return HTTPResponse(status: 410)
    }
  }

  private func taken(_ number: Int) -> HTTPResponse {
    ledger.end(number)
    return HTTPResponse(status: 204)
  }

  private func trickle(_ number: Int) -> HTTPResponse {
    HTTPResponse(
      status: 200, headers: [("Content-Length", "\(Self.slowAnswer.count)"), ("Connection", "close")],
      body: .handover { connection in
        Task(executorPreference: EventLoop.shared) { await self.trickle(number, connection) }
      })
  }

  private func trickle(_ number: Int, _ connection: HandedConnection) async {
    for byte in Self.slowAnswer {
      try? await EventLoop.sleep(for: Self.tricklePause)
      guard connection.isOpen else { return }
      connection.write([byte])
    }
    ledger.end(number)
    connection.end()
  }

  // MARK: What a receiver checks

  private func read(_ request: HTTPRequest) -> Evidence.Outside.Post {
    let id = request.header("webhook-id") ?? ""
    let event = CloudEventText.read(request.body)
    var post = Evidence.Outside.Post(
      endpoint: endpoint.name, arrival: 0, id: id, told: event?.told, problem: problem(request, id))
    if request.path != Self.path { post.problem = "it followed a redirect to \(request.path)" }
    if request.method != "POST" { post.problem = "it came by \(request.method)" }
    if event?.id != id { post.problem = "its header webhook-id is not the id of its event" }
    return post
  }

  /// What Standard Webhooks would have a receiver refuse it for.
  private func problem(_ request: HTTPRequest, _ id: String) -> String? {
    guard let at = request.header("webhook-timestamp"), let seconds = Int(at) else { return "it has no timestamp" }
    guard anyTime || abs(time(nil) - seconds) <= Self.clockToleranceSeconds else {
      return "its timestamp is \(time(nil) - seconds) s old"
    }
    let wanted = "v1," + Base64.encode(Digest.hmacSHA256(Array("\(id).\(at).".utf8) + request.body, key: secret))
    let signatures = request.header("webhook-signature")?.split(separator: " ").map(String.init) ?? []
    return signatures.contains(wanted) ? nil : "its signature is not that of the endpoint"
  }
}

/// What all receivers got, in the order in which they got it.
@LoopActor
final class PostLedger {
  private(set) var posts: [Evidence.Outside.Post] = []
  private var clock = 0

  /// Writes a post down as come now.
  ///
  /// - Returns: its number.
  func add(_ post: Evidence.Outside.Post) -> Int {
    clock += 1
    posts.append(post)
    posts[posts.count - 1].arrival = clock
    return posts.count - 1
  }

  /// The post was answered with a whole 2xx.
  func end(_ number: Int) {
    clock += 1
    posts[number].ended = posts[number].ended ?? clock
  }
}
