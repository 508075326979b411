import Foundation
import Orders
import Seeded

/// The seed of random tests: fixed, so that every run is alike, unless `SEVK_TEST_SEED` names another.
let testSeed = ProcessInfo.processInfo.environment["SEVK_TEST_SEED"].flatMap { UInt64($0) } ?? 20_240_229

extension Order {
  /// An order whose status is what matters.
  static func sample(_ status: Status, version: Int = 7) -> Order {
    var random = SeededGenerator(seed: 1)
    return Order(
      id: OrderID(milliseconds: 1_700_000_000_000, using: &random), version: version, status: status, tenantID: 1,
      product: "pubg-60", fields: [:], shopReference: nil, priority: .normal, quantity: 1, reason: nil, providerID: nil,
      sendReference: nil, sends: 0, checks: 0, age: .zero, sinceSend: nil, untilDue: nil, cost: nil,
      hasPin: false, createdAt: 0, updatedAt: 0, trace: nil)
  }
}

extension NotReceivedEvidence.Answer {
  static func sample(_ text: String) -> Self { Self(raw: Array(text.utf8), shown: Array(text.utf8)) }
}
