public import EventLoop
public import HTTPServer
public import Store
public import Telemetry

/// What is noted of one request until it is answered, for the line that tells of it where debug lines are written.
@LoopActor
public final class RequestNote {
  /// Whose token it bore; nil until that is known, and where it bore none that works.
  public var grant: TokenGrant?
  private let begun = ContinuousClock.now

  public init() {}

  /// - Parameter path: as it may stand in a log. What a client put where no name belongs, such as a token, is not shown.
  public func tell(_ log: Log, _ request: HTTPRequest, path: @autoclosure () -> String, _ answer: HTTPResponse) {
    guard Log.isDebugging else { return }
    let took = ContinuousClock.now - begun
    let token = grant.map { $0.name.isEmpty ? $0.prefix : $0.name }
    log.debug(
      "request",
      [
        "request": request.id, "method": request.method, "path": path(), "status": "\(answer.status)",
        "bytes_in": "\(request.body.count)", "bytes_out": answer.bodyBytes.map { "\($0)" },
        "took_ms": "\(took.components.seconds * 1000 + took.components.attoseconds / 1_000_000_000_000_000)",
        "tenant": grant?.tenant, "token": token,
      ])
  }
}

extension HTTPResponse {
  /// nil for a stream, whose length nobody knows yet.
  fileprivate var bodyBytes: Int? {
    switch body {
    case .bytes(let bytes), .trickle(let bytes, _): bytes.count
    case .stream, .handover: nil
    }
  }
}
