import Adapters
import HTTPClient

/// The channels of a process. Each kind has one here, so that every program, command and check has it.
enum Channels {
  /// - Parameter sandbox: nil where no order of a sandbox is handled.
  static func all(http: HTTPClient, sandbox: (any SandboxBooks)?) -> [ChannelKind: any Channel] {
    var channels: [ChannelKind: any Channel] = [:]
    for kind in ChannelKind.allCases {
      switch kind {
      case .http: channels[kind] = HTTPChannel(http)
      case .sandbox: channels[kind] = sandbox.map { SandboxChannel($0) }
      }
    }
    return channels
  }
}
