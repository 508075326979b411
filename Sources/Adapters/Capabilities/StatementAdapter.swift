public import Orders

/// Of a provider that lists what it booked for an account in a time, page by page.
///
/// `StatementReader` in `Calls` reads the pages, asks again for one that can't be had or read, and says of a list that is not
/// whole that it is none.
public protocol StatementAdapter: Adapter {
  /// - Parameters:
  ///   - since: milliseconds of Unix time, as `until`, which is not in it. A list may have more than these; lines say their time.
  ///   - page: what the page before said of the next one; nil for the first.
  func statement(since: Int64, until: Int64, page: String?, account: ProviderAccount) -> WireRequest
  /// - Parameter page: which one was asked for, since a page may say its number.
  /// - Throws: ``StatementError`` when the reply is not that page: nothing of it is used then.
  func readStatement(_ reply: WireReply, page: String?) throws(StatementError) -> StatementPage
}

/// What a provider booked, as far as one reply has it.
public struct StatementPage: Sendable, Equatable {
  public struct Line: Sendable, Equatable {
    /// Our reference, as the provider writes it; nil where it names only its own.
    public var reference: String?
    /// The provider's name for it, by which a line that comes a second time is known.
    public var providerID: String?
    public var amount: Money?
    /// Of the amount, such as `USD`; nil where it is not said.
    public var currency: String?
    /// Its word.
    public var status: String?
    /// What the provider's documents say that the word means; nil where they don't.
    public var meaning: StatementRule.Meaning?
    /// Milliseconds of Unix time.
    public var at: Int64?
    /// Something in it can't be read.
    public var isDamaged: Bool
    /// False: it stands on the list, and nothing was ever bought by it.
    public var isBooked: Bool

    public init(
      reference: String?, providerID: String? = nil, amount: Money? = nil, currency: String? = nil,
      status: String? = nil, meaning: StatementRule.Meaning? = nil, at: Int64? = nil, isDamaged: Bool = false,
      isBooked: Bool = true
    ) {
      (self.reference, self.providerID, self.amount, self.currency) = (reference, providerID, amount, currency)
      (self.status, self.meaning, self.at) = (status, meaning, at)
      (self.isDamaged, self.isBooked) = (isDamaged, isBooked)
    }
  }

  public var lines: [Line]
  /// Names the next page, should there be one; nil: this is the last.
  public var next: String?
  /// How many lines all pages have together; nil where that is not said, and `next` alone tells the end.
  public var total: Int?

  public init(lines: [Line], next: String? = nil, total: Int? = nil) {
    (self.lines, self.next, self.total) = (lines, next, total)
  }
}

/// Why a statement could not be had.
public struct StatementError: Error, CustomStringConvertible, Equatable {
  /// What was seen, without secrets.
  public let description: String
  public init(_ description: String) { self.description = description }
}
