public import Orders

/// A reply as it came in, complete as far as the channel can tell.
public struct WireReply: Sendable {
  public let status: Int
  public let contentType: String?
  public let body: [UInt8]
  /// What its head said beside. May have secrets in it: never stored or shown.
  public var headers: [(name: String, value: String)] = []
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

  /// The value of a header; nil where it is not there, or stands there several times.
  public func header(_ name: String) -> String? {
    let found = headers.filter { $0.name.lowercased() == name.lowercased() }
    return found.count == 1 ? found[0].value : nil
  }
}
