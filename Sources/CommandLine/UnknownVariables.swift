import FoundationEssentials

/// Finds misspelt settings in the environment, which would be ignored silently.
public enum UnknownVariables {
  private static let prefix = "SEVK_"
  /// Those of every program, since they share one file of settings.
  private static let known: [String] =
    (Setting.common + Setting.checks + [
      .httpAddress, .gatewayAddress, .publicURL, .streamsPerToken, .streamsPerTenant, .metricsAddress,
      .dashboardAddress, .retention, .keyRetention,
      .pinPrintRetention,
      .deadJobRetention, .providerPrivateHosts, .rateLimit,
    ]).map(\.variable)
  /// Of tests and of the build.
  private static let own: Set<String> = [
    "SEVK_SABOTAGE", "SEVK_CRASH_AT", "SEVK_CRASH_POINTS", "SEVK_STOP_AT", "SEVK_TERM_AT", "SEVK_TEST_SEED",
    "SEVK_PICTURES", "SEVK_SANITIZE", "SEVK_FUZZ",
  ]

  /// A line for each, without its value.
  public static func texts() -> [String] { texts(in: Array(ProcessInfo.processInfo.environment.keys)) }

  static func texts(in names: [String]) -> [String] {
    names.filter { $0.hasPrefix(prefix) && !known.contains($0) && !own.contains($0) }.sorted().map { name in
      let near = Nearest.of(name, among: known)
      return "\(name) is not known" + (near.map { "; did you mean \($0)?" } ?? "")
    }
  }
}
