internal import EventLoop
internal import Jobs
internal import Redis

extension ProviderLimiter {
  /// Notes for those who look that a process asks the provider slowly, and why; nil that it does so no more.
  ///
  /// - Parameter life: after it the note is gone by itself.
  public func noteSlowQuestions(_ why: String?, of provider: Int64, for life: Duration) async throws {
    let key = key(provider, "questions")
    guard let why else {
      _ = try await client.command("DEL", key)
      return
    }
    _ = try await client.command(
      "SET", key, .string(String(why.prefix(Self.textCharactersMax))), "PX", .integer(life.millisecondsRoundedUp))
  }

  /// Why some process asks the provider slowly; nil when none does.
  public func slowQuestions(of provider: Int64) async throws -> String? {
    try await client.command("GET", key(provider, "questions")).text
  }
}
