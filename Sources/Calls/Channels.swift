import Adapters
import HTTPClient

/// The channels of a process. Each kind has one here, so that every program, command and check has it.
enum Channels {
  static func all(http: HTTPClient) -> [ChannelKind: any Channel] {
    var channels: [ChannelKind: any Channel] = [:]
    for kind in ChannelKind.allCases {
      switch kind {
      case .http: channels[kind] = HTTPChannel(http)
      }
    }
    return channels
  }
}
