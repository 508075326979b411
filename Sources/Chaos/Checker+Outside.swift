/// The promises to those who are told: endpoints get everything at least once and in the order of each order, subscribers by
/// position everything once and in order, and all of them the same.
extension Checker {
  mutating func checkOutside() {
    let outside = evidence.outside
    let placed = Dictionary(grouping: outside.placed, by: \.tenant)
    let posts = Dictionary(grouping: outside.posts, by: \.endpoint)
    for endpoint in outside.endpoints {
      let wanted = (placed[endpoint.tenant] ?? []).filter { endpoint.wants($0.type) }
      let got = (posts[endpoint.name] ?? []).sorted { $0.arrival < $1.arrival }
      checkPosts(to: endpoint, wanted, got)
      checkOrder(at: endpoint, wanted, got)
    }
    for feed in outside.feeds { checkFeed(feed, placed[feed.tenant] ?? []) }
    checkTold()
    if outside.late > 0, !outside.clocksWereTurned {
      blame(.webhookLate, "\(outside.late) deliveries were still in line long after the last fault")
    }
  }

  /// Everything that an endpoint wants was taken there, under one id, and could be believed.
  private mutating func checkPosts(
    to endpoint: Evidence.Outside.Endpoint, _ wanted: [Evidence.Outside.Placed], _ posts: [Evidence.Outside.Post]
  ) {
    let known = Dictionary(wanted.map { ("\($0.order)/\($0.version)", $0) }, uniquingKeysWith: { first, _ in first })
    var taken: Set<String> = []
    var ids: [String: String] = [:]
    for post in posts {
      if let problem = post.problem { blame(.webhookRefused, "a post to \(endpoint.name) (\(post.id)): \(problem)") }
      guard let told = post.told else { continue }
      if known[told.event]?.type != told.type {
        blame(.webhookUnwanted, "\(endpoint.name) was posted \(told.type) \(told.event), which it did not ask for")
      }
      if ids.updateValue(post.id, forKey: told.event) ?? post.id != post.id {
        blame(.webhookIdentity, "event \(told.event) came to \(endpoint.name) under another id, \(post.id)")
      }
      if post.ended != nil { taken.insert(told.event) }
    }
    if Set(ids.values).count < ids.count {
      blame(.webhookIdentity, "two events came to \(endpoint.name) under one id")
    }
    for event in wanted where event.position <= evidence.outside.upTo {
      guard !taken.contains("\(event.order)/\(event.version)") else { continue }
      blame(.webhookLost, "\(endpoint.name) never took event \(event.order)/\(event.version) (\(event.type))")
    }
  }

  /// What follows in an order is posted when what came before it was taken. After that the former may come once more: who
  /// posted it may have died before it was noted, or have slept meanwhile. What was out of line, since nobody could have
  /// it any more, comes when somebody asks for it.
  private mutating func checkOrder(
    at endpoint: Evidence.Outside.Endpoint, _ wanted: [Evidence.Outside.Placed], _ posts: [Evidence.Outside.Post]
  ) {
    let inLine = Dictionary(
      grouping: wanted.filter { !evidence.outside.kept.contains("\(endpoint.name) \($0.position)") }, by: \.order)
    var taken: [String: Int] = [:]
    for post in posts {
      guard let event = post.told?.event, let ended = post.ended else { continue }
      taken[event] = min(taken[event] ?? .max, ended)
    }
    var seen: Set<String> = []
    for post in posts {
      guard let told = post.told, seen.insert(told.event).inserted else { continue }
      let before = (inLine[told.order] ?? []).filter { $0.version < told.version }
      for former in before where taken["\(told.order)/\(former.version)"] ?? .max > post.arrival {
        blame(
          .webhookOrder,
          "\(endpoint.name) was posted event \(told.event) before it had taken \(told.order)/\(former.version)")
      }
    }
  }

  /// Each position once, in order, without a gap.
  private mutating func checkFeed(_ feed: Evidence.Outside.Feed, _ placed: [Evidence.Outside.Placed]) {
    for refusal in feed.refusals { blame(.liveRefused, "the subscriber \(feed.name): \(refusal)") }
    let known = Dictionary(placed.map { ($0.position, $0) }, uniquingKeysWith: { first, _ in first })
    var last: Int64 = 0
    for seen in feed.seen {
      if seen.position <= last { blame(.liveOrder, "\(feed.name) got position \(seen.position) after \(last)") }
      last = max(last, seen.position)
      let event = known[seen.position]
      if event?.order != seen.told.order || event?.version != seen.told.version || event?.type != seen.told.type {
        blame(
          .toldOtherwise,
          "\(feed.name) got \(seen.told.type) \(seen.told.event) as position \(seen.position), which is "
            + (event.map { "\($0.type) \($0.order)/\($0.version)" } ?? "none of its tenant"))
      }
    }
    let got = Set(feed.seen.map(\.position))
    for event in placed where event.position <= evidence.outside.upTo && !got.contains(event.position) {
      blame(.liveGap, "\(feed.name) never got position \(event.position) (\(event.order)/\(event.version))")
    }
  }

  /// An event says the same to everybody; and once a refund was said to be safe, only a provider that contradicts itself
  /// changes that, which is said as well.
  private mutating func checkTold() {
    var told: [String: [Int: Evidence.Outside.Told]] = [:]
    let all = evidence.outside.posts.compactMap(\.told) + evidence.outside.feeds.flatMap(\.seen).map(\.told)
    for event in all {
      let former = told[event.order, default: [:]].updateValue(event, forKey: event.version)
      if let former, former != event {
        blame(.toldOtherwise, "event \(event.event) says \(former.status) to one and \(event.status) to another")
      }
    }
    for (order, story) in told.sorted(by: { $0.key < $1.key }) {
      var isSafe = false
      for (version, event) in story.sorted(by: { $0.key < $1.key }) {
        if event.status == "contested" { isSafe = false }
        if isSafe, event.refundSafe != "yes" {
          blame(
            .refundContradicted,
            "event \(order)/\(version) says that a refund is safe: \(event.refundSafe); one before it said yes")
        }
        isSafe = event.refundSafe == "yes"
      }
    }
  }
}
