/// What is wrong with one parameter of an order.
public struct ParameterProblem: Sendable, Equatable, CustomStringConvertible {
  public let parameter: String
  /// Words that go on after the parameter's name: `is missing`.
  public let message: String
  public var description: String { "parameter \(parameter) \(message)" }
}
