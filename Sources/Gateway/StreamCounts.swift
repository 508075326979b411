import EventLoop
import Store

/// How many streams each token and each tenant has open in a process, so that none takes what is there for all.
@LoopActor
struct StreamCounts {
  private let ofTokenMax: Int
  private let ofTenantMax: Int
  private var tokens: [[UInt8]: Int] = [:]
  private var tenants: [Int64: Int] = [:]

  nonisolated init(ofTokenMax: Int, ofTenantMax: Int) {
    (self.ofTokenMax, self.ofTenantMax) = (ofTokenMax, ofTenantMax)
  }

  mutating func note(_ session: StreamSession, _ change: Int) {
    Self.add(change, to: &tokens[session.tokenHash])
    Self.add(change, to: &tenants[session.grant.tenantID])
  }

  private static func add(_ change: Int, to count: inout Int?) {
    let sum = (count ?? 0) + change
    count = sum > 0 ? sum : nil
  }

  /// Why no further stream may be opened; nil when it may.
  func refusal(tokenHash: [UInt8], tenantID: Int64) -> String? {
    if tokens[tokenHash] ?? 0 >= ofTokenMax {
      return "the token has \(ofTokenMax) streams open at this gateway, which is all that one token may have"
    }
    if tenants[tenantID] ?? 0 >= ofTenantMax {
      return "the shop has \(ofTenantMax) streams open at this gateway, which is all that one shop may have"
    }
    return nil
  }

  /// The tokens that have any.
  var tokenHashes: [[UInt8]] { Array(tokens.keys) }
}
