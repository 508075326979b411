public import EventLoop
import Foundation
import Glibc
import PrivateServers

/// A headless Chromium, driven over its DevTools protocol: messages in JSON, ended by a zero byte, on descriptors 3 and 4.
@LoopActor
public final class Chromium {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// A message from the browser.
  struct Message: @unchecked Sendable {
    let method: String
    let session: String
    let values: [String: Any]
  }

  private static let program = "/usr/lib/chromium/chromium"

  private let id: pid_t
  private let folder: String
  private let input: Int32
  private let output: Int32
  private var poll: LoopPoll?
  private var received: [UInt8] = []
  private var nextCall = 1
  private var calls: [Int: CheckedContinuation<Message, any Error>] = [:]
  private var pages: [String: BrowserPage] = [:]

  /// Starts one with an empty profile. It ends with ``stop()``.
  public init() throws {
    guard access(Self.program, X_OK) == 0 else {
      throw Failure(description: "chromium is missing; ops/prepare --tests installs it")
    }
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("sevk.chromium-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var toBrowser: [Int32] = [0, 0]
    var fromBrowser: [Int32] = [0, 0]
    guard pipe(&toBrowser) == 0, pipe(&fromBrowser) == 0 else { throw Failure(description: "no pipe") }
    (input, output) = (toBrowser[1], fromBrowser[0])
    _ = fcntl(output, F_SETFL, O_NONBLOCK)
    id = try Self.spawn(folder, reads: toBrowser[0], writes: fromBrowser[1])
    close(toBrowser[0])
    close(fromBrowser[1])
    poll = LoopPoll(descriptor: output) { [weak self] _ in self?.read() }
    poll?.start(.readable)
  }

  private static func spawn(_ folder: String, reads: Int32, writes: Int32) throws -> pid_t {
    // A group of its own, so that its helpers end with it.
    try Spawn.start(
      [
        program, "--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--user-data-dir=\(folder)",
        "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-extensions", "--mute-audio",
      ],
      environment: ["HOME": folder, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"],
      output: .file("/dev/null"), others: [reads, writes], hasOwnGroup: true)
  }

  public func stop() {
    poll?.stop()
    poll = nil
    kill(-id, SIGKILL)
    while waitpid(id, nil, 0) == -1 && errno == EINTR {}
    close(input)
    close(output)
    fail("the browser was stopped")
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// A page with cookies of its own.
  public func page() async throws -> BrowserPage {
    let context = try await call("Target.createBrowserContext").values["browserContextId"] as? String ?? ""
    let target = try await call("Target.createTarget", ["url": "about:blank", "browserContextId": context])
    let attached = try await call(
      "Target.attachToTarget", ["targetId": target.values["targetId"] as? String ?? "", "flatten": true])
    let page = BrowserPage(self, session: attached.values["sessionId"] as? String ?? "")
    pages[page.session] = page
    for domain in ["Page", "Runtime", "Log", "Network"] { _ = try await page.call("\(domain).enable") }
    try await page.call("Page.setLifecycleEventsEnabled", ["enabled": true])
    return page
  }

  // MARK: Messages

  /// Calls a method; what it returned.
  func call(_ method: String, _ parameters: [String: Any] = [:], session: String? = nil) async throws -> Message {
    let number = nextCall
    nextCall += 1
    var message: [String: Any] = ["id": number, "method": method, "params": parameters]
    if let session { message["sessionId"] = session }
    let bytes = try JSONSerialization.data(withJSONObject: message) + [0]
    return try await withCheckedThrowingContinuation { continuation in
      calls[number] = continuation
      var rest = [UInt8](bytes)[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
        guard count > 0 else { return fail("the browser takes no messages") }
        rest = rest.dropFirst(count)
      }
    }
  }

  private func read() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(output, &buffer, buffer.count)
      if count < 0, errno == EAGAIN { break }
      guard count > 0 else {
        poll?.stop()
        return fail("the browser has ended")
      }
      received += buffer[..<count]
    }
    while let end = received.firstIndex(of: 0) {
      let message = Array(received[..<end])
      received.removeSubrange(...end)
      if let json = try? JSONSerialization.jsonObject(with: Data(message)) as? [String: Any] { take(json) }
    }
  }

  private func take(_ json: [String: Any]) {
    let session = json["sessionId"] as? String ?? ""
    if let number = json["id"] as? Int, let call = calls.removeValue(forKey: number) {
      if let error = json["error"] as? [String: Any] {
        call.resume(throwing: Failure(description: "\(error["message"] ?? error)"))
      } else {
        call.resume(
          returning: Message(method: "", session: session, values: json["result"] as? [String: Any] ?? [:]))
      }
    } else if let method = json["method"] as? String {
      pages[session]?.take(
        Message(method: method, session: session, values: json["params"] as? [String: Any] ?? [:]))
    }
  }

  private func fail(_ why: String) {
    let waiting = calls.values
    calls = [:]
    for call in waiting { call.resume(throwing: Failure(description: why)) }
  }
}
