import Adapters
import HTTPClient

/// The channels of a process. Each kind has one here, so that every program, command and check has it.
enum Channels {
  /// - Parameters:
  ///   - sandbox: nil where no order of a sandbox is handled.
  ///   - stock: nil where no order is given codes of our own.
  ///   - desk: nil where no order is handed to partners.
  static func all(
    http: HTTPClient, sandbox: (any SandboxBooks)?, stock: (any StockBooks)?, desk: (any DeskBooks)?
  ) -> [ChannelKind: any Channel] {
    var channels: [ChannelKind: any Channel] = [:]
    for kind in ChannelKind.allCases {
      switch kind {
      case .http: channels[kind] = HTTPChannel(http)
      case .sandbox: channels[kind] = sandbox.map { SandboxChannel($0) }
      case .stock: channels[kind] = stock.map { StockChannel($0) }
      case .desk: channels[kind] = desk.map { DeskChannel($0) }
      }
    }
    return channels
  }
}
