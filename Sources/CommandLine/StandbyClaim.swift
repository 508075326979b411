/// What `SEVK_DATABASE_STANDBY` says about a standby of PostgreSQL.
public enum StandbyClaim: String, Sendable, CaseIterable {
  case auto, none, synchronous

  /// Whether commits are to wait for a standby.
  public func holds(severalServers: Bool) -> Bool {
    switch self {
    case .auto: severalServers
    case .none: false
    case .synchronous: true
    }
  }
}

extension Settings {
  /// - Throws: ``UsageError`` when it is none of the three.
  public func standbyClaim() throws(UsageError) -> StandbyClaim {
    let text = try string(.databaseStandby)
    guard let claim = StandbyClaim(rawValue: text) else {
      throw UsageError(
        "\(Setting.databaseStandby.variable) (or \(Setting.databaseStandby.flag)): expected auto, synchronous or none,"
          + " not \(text)")
    }
    return claim
  }
}
