public import Orders

/// A reply as it came in, complete as far as the channel can tell.
public struct WireReply: Sendable {
  public let status: Int
  public let contentType: String?
  public let body: [UInt8]
  /// Where a redirect leads, which is not followed.
  public var location: String?
  /// Which mark stands before the decimals of its amounts, where the account's settings say so.
  public var decimalMark: Money.DecimalMark?

  public init(
    status: Int, contentType: String? = nil, body: [UInt8], decimalMark: Money.DecimalMark? = nil,
    location: String? = nil
  ) {
    self.location = location
    self.status = status
    self.contentType = contentType
    self.body = body
    self.decimalMark = decimalMark
  }
}
