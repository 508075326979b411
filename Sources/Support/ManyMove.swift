public import Orders

/// What can be done to many orders at once.
public enum ManyMove: Sendable, Equatable {
  case choice(PersonChoice)
  case ask

  public static let all = PersonChoice.allCases.map(ManyMove.choice) + [.ask]

  /// - Parameter name: as it is kept.
  public init?(_ name: String?) {
    guard let move = Self.all.first(where: { $0.name == name }) else { return nil }
    self = move
  }

  public var name: String {
    switch self {
    case .choice(let choice): choice.rawValue
    case .ask: "ask"
    }
  }

  /// For people, of many.
  public var words: String {
    switch self {
    case .choice(.received): "say that the provider has them, and ask about them"
    case .choice(.notReceived): "say that the provider does not have them, and SEND THEM AGAIN"
    case .choice(.completed): "say that they were delivered: complete them without a PIN"
    case .choice(.failed): "say that they were refused: fail them, so that the shops may refund"
    case .choice(.retry): "send them now, where surely no provider has them"
    case .choice(.cancel): "withdraw them, where surely no provider has them"
    case .ask: "have the providers asked about them now"
    }
  }

  /// Whether each costs money anew.
  public var sendsAgain: Bool { self == .choice(.notReceived) || self == .choice(.retry) }
}
