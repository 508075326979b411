public import Orders

/// Of a provider that lists what it booked for an account in a time, page by page.
public protocol StatementAdapter: Adapter {
  /// - Parameters:
  ///   - since: milliseconds of Unix time, as `until`, which is not in it.
  ///   - page: what the page before said of the next one; nil for the first.
  func statement(since: Int64, until: Int64, page: String?, account: ProviderAccount) -> WireRequest
  /// - Throws: ``StatementError`` when the reply is no statement: nothing of it is used then.
  func readStatement(_ reply: WireReply) throws(StatementError) -> StatementPage
}

/// What a provider booked, as far as one reply has it.
public struct StatementPage: Sendable, Equatable {
  public struct Line: Sendable, Equatable {
    /// Our reference, as the provider writes it; nil where it names only its own.
    public var reference: String?
    public var providerID: String?
    public var amount: Money?
    /// Its word.
    public var status: String?
    /// What the provider's documents say that the word means; nil where they don't.
    public var meaning: StatementRule.Meaning?
    /// Milliseconds of Unix time.
    public var at: Int64?
    /// Something in it can't be read.
    public var isDamaged: Bool

    public init(
      reference: String?, providerID: String? = nil, amount: Money? = nil, status: String? = nil,
      meaning: StatementRule.Meaning? = nil, at: Int64? = nil, isDamaged: Bool = false
    ) {
      (self.reference, self.providerID, self.amount, self.status) = (reference, providerID, amount, status)
      (self.meaning, self.at, self.isDamaged) = (meaning, at, isDamaged)
    }
  }

  public var lines: [Line]
  /// Names the next page; nil on the last.
  public var next: String?

  public init(lines: [Line], next: String? = nil) { (self.lines, self.next) = (lines, next) }
}

/// Why a statement could not be had.
public struct StatementError: Error, CustomStringConvertible, Equatable {
  /// What was seen, without secrets.
  public let description: String
  public init(_ description: String) { self.description = description }
}
