/// How far a person is with an order, while its status is `sent`.
public enum Stage: String, Sendable, CaseIterable, Codable {
  /// Partners are asked whether they take it; nobody has it.
  case offered
  /// A partner has it.
  case accepted
  case preparing
  /// It can be fetched, or be brought.
  case ready
  /// It is on its way.
  case delivering
  /// The work has begun.
  case started
}
