public import Store

/// What is to be said of an endpoint by how long things went how: by time and not by count, so that one that is posted to
/// often is not given up sooner.
public struct EndpointHealth: Sendable, Equatable {
  /// What people are told.
  public enum Condition: String, Sendable, CaseIterable {
    case active, slow, failing, paused, disabled, gone
  }

  /// Nothing but failures for so long: it is given up.
  public static let disabledAfter = Duration.seconds(5 * 86_400)
  /// Nothing but failures for so long: it fails, and had no hiccup.
  public static let failingAfter = Duration.seconds(60)
  /// Nothing but slow answers for so long.
  public static let slowAfter = Duration.seconds(60)
  /// An answer that takes longer is slow.
  public static let slowAnswer = Duration.seconds(5)
  /// Of the way to being given up, in percent: at each somebody is told.
  public static let warnings = [50, 70, 90]

  public let condition: Condition

  public init(state: EndpointRow.State, failingFor: Duration?, slowFor: Duration?) {
    condition =
      switch state {
      case .paused: .paused
      case .disabled: .disabled
      case .gone: .gone
      case .active where failingFor.map { $0 >= Self.failingAfter } ?? false: .failing
      case .active where slowFor.map { $0 >= Self.slowAfter } ?? false: .slow
      case .active: .active
      }
  }

  /// What a failure does to an endpoint.
  public struct AfterFailure: Sendable, Equatable {
    /// What it is from now on; nil: what it was.
    public let state: EndpointRow.State?
    /// The warning that was reached; 0 for none.
    public let warnedPercent: Int
  }

  /// - Parameters:
  ///   - status: of the answer; nil without one.
  ///   - failingFor: nothing but failures for so long.
  public static func afterFailure(status: Int?, failingFor: Duration) -> AfterFailure {
    if status == 410 { return AfterFailure(state: .gone, warnedPercent: 0) }
    if failingFor >= disabledAfter { return AfterFailure(state: .disabled, warnedPercent: 100) }
    let percent = Int(failingFor / disabledAfter * 100)
    return AfterFailure(state: nil, warnedPercent: warnings.last { $0 <= percent } ?? 0)
  }
}

extension EndpointRow {
  public var health: EndpointHealth { EndpointHealth(state: state, failingFor: failingFor, slowFor: slowFor) }
}
