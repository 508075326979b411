/// What the customer paid for. Printing it, on purpose or in a log, shows dots.
public struct Pin: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  /// The provider's text, exactly as received: one opaque string, never split.
  public let secret: String
  public init(_ secret: String) { self.secret = secret }
  public var description: String { "••••" }
  public var debugDescription: String { "••••" }
}
