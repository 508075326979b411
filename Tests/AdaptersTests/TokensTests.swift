import EventLoop
import Testing

@testable import Adapters
@testable import Calls

/// Whose token a request carries decides whose money pays.
@Suite(.timeLimit(.minutes(1))) struct TokensTests {
  private static func account(_ secret: String) -> ProviderAccount {
    ProviderAccount(
      id: 1, name: "post", adapter: "post", baseURL: "https://post.example", credentials: ["secret": secret])
  }

  @Test func aNewLoginDoesNotGetTheTokenThatTheOldOneIsWaitingFor() async throws {
    let tokens = Tokens()
    let (asked, answer) = (LoopEvent(), LoopEvent())
    @LoopActor func slow() async throws(WireFailure) -> AccessToken {
      asked.signal()
      _ = await answer.wait()
      return AccessToken("old", lifetime: .seconds(3600))
    }
    @LoopActor func quick() async throws(WireFailure) -> AccessToken { AccessToken("new", lifetime: .seconds(3600)) }
    let old = Task { try await tokens.token(of: Self.account("old"), slow) }
    _ = await asked.wait()
    // Waits for nobody: the old question is still open.
    #expect(try await tokens.token(of: Self.account("new"), quick).value == "new")
    await answer.signal()
    #expect(try await old.value.value == "old")
    // And what came late did not take the new one's place.
    #expect(try await tokens.token(of: Self.account("new"), quick).value == "new")
  }
}
