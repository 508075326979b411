import Foundation
import PrivateServers
import TestSupport
import Testing

/// Against a client that others wrote.
@Suite(.timeLimit(.minutes(1)))
struct ForeignClientTests {
  @Test func websocketsOfPythonGetsBackWhatItSends() async throws {
    let folder = try TemporaryFolder()
    try await withSockets { port in
      let client = try ChildProgram(
        PythonClient.interpreter, [try PythonClient.script("echo.py"), "ws://127.0.0.1:\(port)/"],
        environment: ChildProgram.environment, folder: folder.path)
      let end = try await client.ended(within: .seconds(30))
      #expect(end == .exited(0) && client.output == "ok\n", "\(client.output) \(client.errors)")
    }
    folder.remove()
  }
}
