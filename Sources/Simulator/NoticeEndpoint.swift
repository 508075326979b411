import EventLoop
import FoundationEssentials
import HTTPServer

/// `POST /_notices {"urls": "http://127.0.0.1:8083/hooks/providers/dtone", "form": "dtone", "lies": "0.3"}`: from then on each change of
/// an order is posted there.
extension PanelServer {
  private nonisolated static let noticeInterval = Duration.milliseconds(50)
  /// So long a send's answer waits at times, for its notice to be there first.
  private nonisolated static let overtaking = Duration.milliseconds(250)

  func setNotices(_ request: HTTPRequest) -> HTTPResponse {
    guard let wish = try? JSONDecoder().decode(NoticePoster.Wish.self, from: Data(request.body)),
      let poster = NoticePoster(wish, seed: options.seed)
    else {
      return HTTPResponse(
        status: 400, headers: Self.json,
        body: Array(#"{"error":"expected urls, form (dtone or reloadly) and lies (0 to 1)"}"#.utf8))
    }
    let isFirst = notices == nil
    notices = poster
    panel.keepsChanges = true
    if isFirst { Task(executorPreference: EventLoop.shared) { await self.tellChanges() } }
    return HTTPResponse(status: 200, headers: Self.json, body: Array("{}\n".utf8))
  }

  private func tellChanges() async {
    while !Task.isCancelled {
      panel.advance(to: now)
      for change in panel.takeChanges() {
        guard let notices, let order = panel.order(change.reference) else { continue }
        let ends = [PanelOrder.State.completed, .cancelled].filter { $0 != change.state }
        notices.tell(
          change.reference, number: apiBooks.number(of: change.reference, seed: options.seed),
          notice(order, change.state), forged: ends.map { notice(order, $0) })
      }
      try? await EventLoop.sleep(for: Self.noticeInterval)
    }
  }

  private func notice(_ order: PanelOrder, _ state: PanelOrder.State) -> String {
    notices?.form == "dtone" ? dtoneNotice(order, state) : reloadlyNotice(order, state)
  }

  /// Lets what was just booked be told before it is answered, one time in four.
  func letNoticeOvertake(_ request: HTTPRequest) async {
    guard notices != nil, request.method == "POST",
      request.path.hasSuffix("/confirm") || [Self.topUps, Self.orders].contains(request.path),
      Chance(options.seed, "overtake", request.path, count("o", request.path)).share < 0.25
    else { return }
    try? await EventLoop.sleep(for: Self.overtaking)
  }
}
