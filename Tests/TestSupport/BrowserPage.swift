public import EventLoop
import Foundation

/// A page of ``Chromium``.
@LoopActor
public final class BrowserPage {
  let session: String
  private let browser: Chromium
  /// The documents that are loaded, by the id that Chromium gives each.
  private var loaders: Set<String> = []
  private let loaded = LoopEvent()
  /// What went wrong in it: exceptions, errors in the console, what the content security policy refused.
  public private(set) var complaints: [String] = []
  /// The addresses that were asked for, sockets among them.
  public private(set) var asked: [String] = []
  /// What came over the wire, heads among it.
  public private(set) var bytesFetched = 0

  init(_ browser: Chromium, session: String) {
    self.browser = browser
    self.session = session
  }

  @discardableResult
  func call(_ method: String, _ parameters: [String: Any] = [:]) async throws -> Chromium.Message {
    try await browser.call(method, parameters, session: session)
  }

  func take(_ message: Chromium.Message) {
    switch message.method {
    case "Page.lifecycleEvent" where message.values["name"] as? String == "load":
      loaders.insert(message.values["loaderId"] as? String ?? "")
      loaded.signal()
    case "Log.entryAdded":
      let entry = message.values["entry"] as? [String: Any] ?? [:]
      complaints.append("\(entry["source"] ?? ""): \(entry["text"] ?? "") \(entry["url"] ?? "")")
    case "Runtime.exceptionThrown": complaints.append("\(message.values["exceptionDetails"] ?? "")")
    case "Network.requestWillBeSent":
      let request = message.values["request"] as? [String: Any] ?? [:]
      asked.append(request["url"] as? String ?? "")
    case "Network.webSocketCreated": asked.append(message.values["url"] as? String ?? "")
    case "Network.loadingFinished": bytesFetched += message.values["encodedDataLength"] as? Int ?? 0
    case "Runtime.consoleAPICalled": complaints.append("console: \(message.values["args"] ?? "")")
    default: break
    }
  }

  public func forgetComplaints() { complaints = [] }

  /// Opens an address and waits until this very page is loaded: the event of one before it may still be under way.
  public func open(_ url: String) async throws {
    let answer = try await call("Page.navigate", ["url": url])
    if let error = answer.values["errorText"] as? String { throw Chromium.Failure(description: "\(url): \(error)") }
    guard let loader = answer.values["loaderId"] as? String else { return }
    while !loaders.contains(loader) { _ = await loaded.wait() }
  }

  /// The value of a JavaScript expression as text; a promise is waited for.
  public func text(_ expression: String) async throws -> String {
    let answer = try await call(
      "Runtime.evaluate",
      ["expression": "Promise.resolve(\(expression)).then(String)", "awaitPromise": true, "returnByValue": true])
    if let problem = answer.values["exceptionDetails"] {
      throw Chromium.Failure(description: "\(expression): \(problem)")
    }
    return (answer.values["result"] as? [String: Any])?["value"] as? String ?? ""
  }

  public func isTrue(_ condition: String) async throws -> Bool { try await text(condition) == "true" }

  /// Waits until a JavaScript condition holds: looked at whenever the page changes, and again after it went to another.
  public func until(_ condition: String) async throws {
    while true {
      do {
        _ = try await text(
          """
          new Promise((done) => {
            const look = () => { if (document.body && (\(condition))) { watch.disconnect(); done(true); } };
            const watch = new MutationObserver(look);
            watch.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
            addEventListener("load", look);
            look();
          })
          """)
        return
      } catch let failure as Chromium.Failure
        where failure.description.contains("context") || failure.description.contains("navigated")
      {
        // It went to another page meanwhile.
        try await EventLoop.sleep(for: .milliseconds(20))
      }
    }
  }

  /// The document as it is now, asked without a script of the page's.
  public func source() async throws -> String {
    try await inDocument {
      try await self.call("DOM.getOuterHTML", ["nodeId": $0]).values["outerHTML"] as? String ?? ""
    }
  }

  /// Clicks in the middle of the first element that a selector finds, as a mouse does: also where scripts are off.
  public func click(_ selector: String) async throws {
    let corners: [Double] = try await inDocument { root in
      let found = try await self.call("DOM.querySelector", ["nodeId": root, "selector": selector]).values["nodeId"]
      guard let node = found as? Int, node != 0 else { throw Chromium.Failure(description: "there is no \(selector)") }
      try await self.call("DOM.scrollIntoViewIfNeeded", ["nodeId": node])
      let model = try await self.call("DOM.getBoxModel", ["nodeId": node]).values["model"] as? [String: Any]
      guard let corners = model?["border"] as? [Double], corners.count == 8 else {
        throw Chromium.Failure(description: "\(selector) is not shown")
      }
      return corners
    }
    let point: [String: Any] = ["x": (corners[0] + corners[4]) / 2, "y": (corners[1] + corners[5]) / 2]
    for type in ["mousePressed", "mouseReleased"] {
      try await call(
        "Input.dispatchMouseEvent", point.merging(["type": type, "button": "left", "clickCount": 1]) { $1 })
    }
  }

  /// Reads the document by its number, again where another one takes its place meanwhile.
  private func inDocument<Answer: Sendable>(_ read: @LoopActor (Int) async throws -> Answer) async throws -> Answer {
    for _ in 0..<20 {
      let root = try await call("DOM.getDocument").values["root"] as? [String: Any]
      do {
        return try await read(root?["nodeId"] as? Int ?? 0)
      } catch let failure as Chromium.Failure where failure.description.contains("Could not find node") {
        continue
      }
    }
    throw Chromium.Failure(description: "the document changes all the time")
  }

  /// Types into what has the focus.
  public func type(_ text: String) async throws { try await call("Input.insertText", ["text": text]) }

  /// Presses a key: `Tab`, `Enter`, or a character.
  public func press(_ key: String) async throws {
    var event: [String: Any] = ["type": "keyDown", "key": key]
    switch key {
    case "Tab": event["windowsVirtualKeyCode"] = 9
    case "Enter": (event["windowsVirtualKeyCode"], event["text"]) = (13, "\r")
    default: event["text"] = key
    }
    try await call("Input.dispatchKeyEvent", event)
    event["type"] = "keyUp"
    event["text"] = nil
    try await call("Input.dispatchKeyEvent", event)
  }

  /// The size of the window, in CSS pixels.
  public func resize(_ width: Int, _ height: Int, isPhone: Bool = false) async throws {
    try await call(
      "Emulation.setDeviceMetricsOverride",
      ["width": width, "height": height, "deviceScaleFactor": isPhone ? 2 : 1, "mobile": isPhone])
  }

  /// `light` or `dark`.
  public func prefer(_ scheme: String) async throws {
    try await call(
      "Emulation.setEmulatedMedia", ["features": [["name": "prefers-color-scheme", "value": scheme]]])
  }

  /// The language that the browser says it prefers.
  public func speak(_ language: String) async throws {
    try await call("Network.setExtraHTTPHeaders", ["headers": ["Accept-Language": language]])
  }

  public func allowScripts(_ isAllowed: Bool) async throws {
    try await call("Emulation.setScriptExecutionDisabled", ["value": !isAllowed])
  }

  /// Requests whose address has one of these patterns fail.
  public func block(_ patterns: [String]) async throws {
    try await call("Network.setBlockedURLs", ["urls": patterns])
  }

  /// Keeps a picture of the whole page as a PNG file.
  public func picture(_ file: String) async throws {
    let answer = try await call("Page.captureScreenshot", ["captureBeyondViewport": true])
    let data = Data(base64Encoded: answer.values["data"] as? String ?? "") ?? Data()
    try data.write(to: URL(fileURLWithPath: file))
  }
}
