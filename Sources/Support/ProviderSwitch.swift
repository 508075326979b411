public import EventLoop
import ProviderGate
public import Store

/// A person's switch of a provider: the one way by which the command line and the dashboard turn it.
@LoopActor
public enum ProviderSwitch {
  /// What was changed.
  public struct Turned: Sendable {
    /// As it was.
    public let before: Provider
    /// What still keeps sends from it after a resume.
    public let hindrances: [Hindrance]
    /// Whether Redis forgot the costs that were learnt from its answers; of a resume.
    public let isForgotten: Bool
  }

  /// Stops sends to a provider, or lets them go again, with an act that says who did it.
  ///
  /// - Parameter note: nil keeps that of a pause before.
  /// - Returns: nil when there is no provider of that name.
  public static func turn(
    _ name: String, isPaused: Bool, who: String, note: String?, _ sources: SupportSources
  ) async throws -> Turned? {
    let before = try await sources.directory.providers().first { $0.name == name }
    guard
      try await ProviderUpdates(store: sources.store).setPaused(name, isPaused, note: note ?? before?.pauseNote),
      let before
    else { return nil }
    try await sources.store.note(isPaused ? .pauseProvider : .resumeProvider, name, who: who, note: note ?? "")
    guard !isPaused else { return Turned(before: before, hindrances: [], isForgotten: false) }
    let isForgotten = (try? await ProviderLimiter(client: sources.redis).forget(before.id)) != nil
    let state = try? await ProviderLimiter(client: sources.redis).state(of: before.id)
    let hindrances = ProviderText.hindrances(before, state).filter { $0.kind != .providerPaused }
    return Turned(before: before, hindrances: hindrances, isForgotten: isForgotten)
  }
}
