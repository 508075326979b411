import Jobs
public import EventLoop
public import Orders
import Store

/// What an order waits for, since when, until when, and what would change it: a pure function of what is known.
public struct OrderWhy: Sendable {
  let order: Order
  /// The name of the provider that has it, or had it last.
  let provider: String?
  /// From the send until a person is asked; nil when that is not known here.
  public var deadline: Duration?
  /// nil where nobody looked around.
  public var around: OrderSurroundings?
  /// Milliseconds of Unix time.
  let now: Int64

  public init(
    order: Order, provider: String?, deadline: Duration? = nil, around: OrderSurroundings? = nil, now: Int64
  ) {
    self.order = order
    self.provider = provider
    self.deadline = deadline
    self.around = around
    self.now = now
  }

  /// Looks around the order in Redis and asks the processes. Takes up to a second when one does not answer.
  ///
  /// - Parameter schedule: for providers that set none of their own.
  @LoopActor
  public static func read(_ order: Order, schedule: CheckSchedule, _ frame: ProcessFrame) async throws -> OrderWhy {
    var provider: Provider?
    if let id = order.providerID { provider = try await frame.directory.provider(id) }
    return OrderWhy(
      order: order, provider: provider?.name, deadline: provider?.schedule(schedule).deadline,
      around: try await OrderSurroundings.read(order, frame), now: LocalTime.now)
  }

  public var hindrance: Hindrance? { around?.hindrance(order) }

  /// One or two sentences, or three when something is wrong.
  public var text: String {
    guard let hindrance else { return base }
    // What is wrong is what people look for, and it undoes what would come by itself.
    return "\(base) \(hindrance.text)"
  }

  private var base: String {
    let provider = provider ?? "the provider"
    let last = order.reason.map { " (\(ShownText.visible($0)))" } ?? ""
    switch order.status {
    case .pending:
      if order.attempt == 0 {
        return "It has waited to be sent since \(moment(order.createdAt)), \(order.age.inRoughWords)\(last).\(comingUp)"
      }
      return "It was not sent\(last) and is tried again \(due), by a dispatcher."
    case .sending:
      return "It is being sent to \(provider) since \(moment(order.updatedAt)). If the sender has died, that is noticed"
        + " \(due) and \(provider) is then asked about our reference; it is never sent twice."
    case .sent:
      return "\(provider) has had it for \(sinceSend) and is working on it\(last). It is asked again"
        + " \(due); a PIN or a refusal from \(provider) settles it\(end)."
    case .unresolved:
      return "The answer to the send was lost \(sinceSend) ago\(last). \(provider) is asked about our"
        + " reference \(order.providerReference ?? "") again \(due)\(end); it is not sent again. A look at the"
        + " provider's panel for that reference would settle it."
    case .held:
      let reason =
        "It waits for a person since \(moment(order.updatedAt)): \(ShownText.visible(order.reason ?? "no reason was noted"))."
      guard let reference = order.providerReference else {
        return reason + " It was never sent: worker order retry sends it, worker order cancel withdraws it."
      }
      return reason + " Look for reference \(reference) on the panel of \(provider) before deciding, then: worker order"
        + " resolve \(order.id)"
    case .completed: return "It is delivered\(order.hasPin ? " and its PIN is stored" : " (the product has no PIN)")."
    case .failed: return "It was not delivered, and a refund is safe\(last)."
    case .cancelled: return "It was withdrawn before it was sent\(last)."
    }
  }

  /// When nothing holds up an order that was not sent yet.
  private var comingUp: String {
    guard hindrance == nil, let known = around?.known else { return "" }
    if known.job?.state == .delayed, let wait = known.job?.remaining, wait > .zero {
      return
        " A dispatcher tries it again at \(moment(now + wait.milliseconds)) (in \(wait.inRoughWords)); nothing else"
        + " holds it up."
    }
    return " Nothing holds it up; a dispatcher sends it within seconds."
  }

  private func moment(_ milliseconds: Int64) -> String { LocalTime.minute(milliseconds, now: now) }

  private var sinceSend: String { (order.sinceSend ?? .zero).inRoughWords }

  /// When its next step is due, by the clock on the wall.
  private var due: String {
    guard let wait = order.untilDue else { return "at no set time" }
    if wait > .zero { return "at \(moment(now + wait.milliseconds)) (in \(wait.inRoughWords))" }
    let late = Duration.zero - wait
    return late < .seconds(10)
      ? "now" : "now: it was due at \(moment(now - late.milliseconds)), \(late.inRoughWords) ago"
  }

  /// Until when Sevk asks before it asks a person.
  private var end: String {
    guard let deadline, let sinceSend = order.sinceSend else { return "" }
    let left = deadline - sinceSend
    return left > .zero
      ? ", and from \(moment(now + left.milliseconds)) on a person is asked" : ", or a person very soon"
  }

  public var json: String {
    JSONText.object([
      "id": JSONText.quote(order.id.description), "status": JSONText.quote(order.status.rawValue),
      "why": JSONText.quote(text), "hindrance": hindrance.map { JSONText.quote($0.kind.rawValue) },
      "since": JSONText.quote(Timestamp.rfc3339(order.updatedAt)),
      "due_at": order.untilDue.map { JSONText.quote(Timestamp.rfc3339(now + $0.milliseconds)) },
    ])
  }
}
