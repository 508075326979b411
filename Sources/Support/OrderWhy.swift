import CommandLine
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
  /// nil where nobody looked it up.
  public var past: OrderPast?
  /// What endpoints were told of it.
  public var told: [Told] = []
  /// What people were told of it, the newest first.
  var notices: [NotifyRow] = []
  /// How far people are with it; nil where it is at no desk.
  var desk: FulfilmentStore.Loaded?
  /// On what one that ended spent its time; nil where that is not known.
  public var spent: SpentText?
  /// Milliseconds of Unix time.
  let now: Int64

  /// Of these so many are looked at.
  private static let noticesMax = 50

  public init(
    order: Order, provider: String?, deadline: Duration? = nil, around: OrderSurroundings? = nil,
    past: OrderPast? = nil, now: Int64
  ) {
    self.order = order
    self.provider = provider
    self.deadline = deadline
    self.around = around
    self.past = past
    self.now = now
  }

  /// Looks around the order in Redis and asks the processes. Takes up to a second when one does not answer.
  ///
  /// - Parameter schedule: for providers that set none of their own.
  @LoopActor
  public static func read(_ order: Order, schedule: CheckSchedule, _ sources: SupportSources) async throws -> OrderWhy {
    var provider: Provider?
    if let id = order.providerID { provider = try await sources.directory.provider(id) }
    let around = try await OrderSurroundings.read(order, sources)
    // An order that moved meanwhile has left its job behind, and nothing is wrong.
    if around.hindrances(order).contains(where: { $0.kind == .jobMissing }),
      let moved = try await sources.store.order(order.id), moved.version != order.version
    {
      return try await read(moved, schedule: schedule, sources)
    }
    var why = OrderWhy(
      order: order, provider: provider?.name, deadline: provider?.schedule(schedule).deadline, around: around,
      past: try await OrderPast.read(order, sources.store), now: LocalTime.now)
    if order.status.isFinal || order.status == .contested,
      let spent = try await sources.store.spent(
        of: [order.id], nowMilliseconds: LocalTime.now,
        schedules: sources.directory.schedules(schedule))[order.id]
    {
      why.spent = SpentText(spent, providers: try await sources.store.providerNames())
    }
    why.notices = try await NotifyStore(sources.store).list(order: order.id.description, limit: Self.noticesMax)
    if order.status == .sent, order.stage != nil { why.desk = try await FulfilmentStore(sources.store).load(order.id) }
    why.told = Told.read(try await EndpointStore(store: sources.store).deliveries(ofOrder: order.id.description))
    return why
  }

  /// What keeps it from going on, the most fundamental first; all of it has to end.
  public var hindrances: [Hindrance] { around?.hindrances(order) ?? [] }
  public var hindrance: Hindrance? { hindrances.first }

  /// One or two sentences, and one for each thing that is wrong.
  public var text: String {
    // What is wrong is what people look for, and it undoes what would come by itself.
    ([base] + chosen + claim + hindrances.map(\.text)).joined(separator: " ")
  }

  /// Which order it is: its reference, product, player and the moments of its life.
  public var title: String {
    let name = order.shopReference ?? order.id.description
    let product = order.quantity == 1 ? order.product : "\(order.quantity) × \(order.product)"
    let player = order.player.map { " for player \($0)" } ?? ""
    return ShownText.visible("\(name): \(product)\(player), posted \(moment(order.createdAt))\(reached)")
  }

  /// The title, the text, where its time went if it ended, and what a person can do about an order that waits for one: a line each.
  public var report: String {
    ([title, base] + chosen + [spent?.text].compactMap(\.self) + claim + hindrances.map(\.text) + advice
      + told.map(\.text) + NoticeText.newest(notices)).joined(separator: "\n")
  }

  /// Why it went to that provider and not to another, and what was odd about the price.
  private var chosen: [String] {
    guard order.status != .pending, let send = past?.sends.last else { return [] }
    var texts: [String] = []
    if let choice = send.choice, choice != .first, let words = send.choiceWords {
      texts.append("It was \(ShownText.visible(words)).")
    }
    if let prices = send.costOffCatalog {
      texts.append("\(send.provider) took \(prices.cost), though its catalogue said \(prices.catalog).")
    }
    return texts
  }

  /// That its shop waits to give the money back.
  private var claim: [String] {
    guard let claimed = order.refundClaimedAt, order.status != .cancelled else { return [] }
    let rest =
      switch order.refundSafety.answer {
      case .yes: "and was told that it is safe"
      // Before it was contested: it may have been told that it is safe.
      case .no where order.status == .contested: "and may have given the money back since"
      case .no: "and was told that it is not safe"
      case .unknown: "so it is never sent again: what proves that no provider has it withdraws it"
      }
    return ["Its shop claimed the refund at \(moment(claimed)), \(rest)."]
  }

  private var advice: [String] {
    guard order.status.row.waitsFor == .person, let past else { return [] }
    return PersonCommands.advice(order, past.sends)
  }

  /// When it reached its status. The last change is not that moment where questions are noted.
  private var reached: String {
    let sent = order.sinceSend.map { moment(now - $0.milliseconds) }
    return switch order.status {
    case .pending: ", not sent yet"
    case .sending: ", being sent since \(moment(order.updatedAt))"
    case .sent, .unresolved: sent.map { ", sent \($0)" } ?? ""
    case .held: ", held since \(moment(order.updatedAt))"
    case .completed: ", delivered \(moment(order.updatedAt))"
    case .failed: ", failed \(moment(order.updatedAt))"
    case .cancelled: ", cancelled \(moment(order.updatedAt))"
    case .contested: ", contested since \(moment(order.updatedAt))"
    }
  }

  func moment(_ milliseconds: Int64) -> String { LocalTime.minute(milliseconds, now: now) }

  public var json: String {
    let commands = order.status.row.waitsFor == .person ? PersonCommands.choices(order, past?.sends ?? []) : []
    return JSONText.object([
      "id": JSONText.quote(order.id.description), "status": JSONText.quote(order.status.rawValue),
      "why": JSONText.quote(text), "hindrance": hindrance.map { JSONText.quote($0.kind.rawValue) },
      "since": JSONText.quote(Timestamp.rfc3339(order.updatedAt)),
      "due_at": order.untilDue.map { JSONText.quote(Timestamp.rfc3339(now + $0.milliseconds)) },
      "title": JSONText.quote(title), "reference": order.shopReference.map(JSONText.quote),
      "product": JSONText.quote(order.product), "player_id": order.player.map(JSONText.quote),
      "hindrances": JSONText.array(hindrances.map(\.json)),
      "spent": spent?.json,
      "told": told.isEmpty ? nil : JSONText.array(told.map(\.json)),
      "notices": notices.isEmpty ? nil : JSONText.array(notices.map(NoticeText.json)),
      "commands": commands.isEmpty
        ? nil
        : JSONText.array(
          commands.map {
            JSONText.object(["command": JSONText.quote($0.command), "when": JSONText.quote($0.when)])
          }),
    ])
  }
}
