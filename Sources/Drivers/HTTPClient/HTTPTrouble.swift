/// What went wrong, told twice: for ops with the server's host, port and address, and for others without.
///
/// Written as one text. Who the server is goes in as a value, and only its place is left in ``words``: so no text can
/// name it by accident, however it is put.
///
///     let trouble: HTTPTrouble = "the connection to \(endpoint) was lost"
///     trouble.description   // the connection to bayi.example:80 was lost
///     trouble.words         // the connection to the provider was lost
public struct HTTPTrouble: Sendable, Equatable, ExpressibleByStringInterpolation, CustomStringConvertible {
  public let description: String
  /// Without the server's host, port and address.
  public let words: String

  public init(stringLiteral text: String) { (description, words) = (text, text) }

  public init(stringInterpolation parts: StringInterpolation) {
    (description, words) = (parts.description, parts.words)
  }

  private init(_ description: String, _ words: String) { (self.description, self.words) = (description, words) }

  static func + (first: HTTPTrouble, second: HTTPTrouble) -> HTTPTrouble {
    HTTPTrouble(first.description + second.description, first.words + second.words)
  }

  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var description = ""
    fileprivate var words = ""

    public init(literalCapacity: Int, interpolationCount: Int) {
      description.reserveCapacity(literalCapacity)
      words.reserveCapacity(literalCapacity)
    }

    public mutating func appendLiteral(_ text: String) {
      description += text
      words += text
    }

    /// Anything that does not say who the server is.
    public mutating func appendInterpolation(_ value: some CustomStringConvertible) { appendLiteral("\(value)") }

    mutating func appendInterpolation(_ server: Endpoint) {
      description += "\(server)"
      words += "the provider"
    }

    mutating func appendInterpolation(_ address: IPAddress) {
      description += "\(address)"
      words += "an address"
    }
  }
}
