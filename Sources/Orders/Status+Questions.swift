/// What is asked of the table of statuses.
extension Status {
  /// What a job does to an order. Its queue stands in `OrderJob`.
  public enum Work: Sendable, CaseIterable {
    /// Sends it, or finds out that its sender is gone.
    case send
    /// Asks the provider about it.
    case check
  }

  /// The statuses in which a job moves an order on.
  public static let open = allCases.filter(\.isOpen)
  /// The statuses that an order does not stay in: open, or waiting for a person.
  public static let unsettled = allCases.filter { !$0.isFinal }
  public static let final = allCases.filter(\.isFinal)

  /// The job that it waits for; nil when Sevk does nothing about it by itself.
  public var work: Work? {
    guard case .job(let work) = row.waitsFor else { return nil }
    return work
  }

  /// Whether a job moves it on.
  public var isOpen: Bool { work != nil }

  /// Whether nothing more will happen to the order by itself or by a person, as long as nothing contests its end.
  public var isFinal: Bool { row.waitsFor == .nothing }

  /// Whether the provider may have received the order, so that it must never be sent again blindly.
  public var mayBeAtProvider: Bool { row.mayBeAtProvider }

  /// Whether nobody knows what became of it.
  public var isDoubtful: Bool { row.isDoubtful }

  /// Whether a shop may give the customer's money back.
  public var isRefundSafe: Bool { row.refundSafe == .yes }

  /// Whether a person may say what became of it at the provider.
  public var canBeResolved: Bool {
    switch row.person {
    case .takesUp, .decides: true
    case .sendsOrWithdraws, .waits: false
    }
  }

  /// Whether Sevk may move an order from this status to `next` without a person.
  public func canBecome(_ next: Status) -> Bool { row.leadsTo.contains(next) }

  /// The type of the change event for reaching this status; nil when that is kept for the timeline only.
  public var eventType: String? { row.event }

  /// What support says to a customer, in one sentence.
  public var meaning: String { row.meaning }

  /// Statuses as SQL lists them, for statements that stand in code: `'pending', 'sending'`.
  public static func literals(_ statuses: [Status]) -> String {
    statuses.map { "'\($0.rawValue)'" }.joined(separator: ", ")
  }
}
