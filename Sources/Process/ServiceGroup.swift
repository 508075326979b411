public import EventLoop

/// Services that are stopped at the same time, so that their graces don't add up.
@LoopActor
public final class ServiceGroup: ProcessService {
  public let name: String
  private let members: [any ProcessService]

  public init(_ name: String, _ members: [any ProcessService]) {
    self.name = name
    self.members = members
  }

  public func start() async throws {
    for member in members { try await member.start() }
  }

  public func stop() async {
    let stops = members.map { member in Task(executorPreference: EventLoop.shared) { await member.stop() } }
    for stop in stops { await stop.value }
  }
}
