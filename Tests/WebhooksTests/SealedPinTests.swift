import Cipher
import Foundation
import Orders
import Testing

@testable import Webhooks

@Suite struct SealedPinTests {
  private static let key = Array(UInt8(1)...32)
  private static let sealedTo = Base64.encode(SealedBox.publicKey(of: key))
  private static let order = "01a1fe45-7c1e-7b02-9d3c-2f6a5b1c8d01"

  /// Texts of people that look as what is looked for.
  private static let bodies = [
    #"{"id":"x","data":{"status":"completed","evidence":{"proof":"completed"}}}"#,
    #"{"source":"a \"data\":{ b","data":{"reason":"x\"data\":{\"y\":1}}"}}"#,
  ]

  @Test(arguments: bodies) func thePinStandsInTheDataAndOpens(body: String) throws {
    let made = try #require(
      SealedPin.add(Pin("PIN \"ş\" 1"), to: body, order: Self.order, event: "\(Self.order)/4", for: Self.sealedTo))
    let json = try #require(try JSONSerialization.jsonObject(with: Data(made.utf8)) as? [String: Any])
    var data = try #require(json["data"] as? [String: Any])
    let sealed = try #require((data["pin_sealed"] as? String).flatMap { Base64.decode($0) })
    #expect(Self.open(sealed, "\(Self.order)/4") == "PIN \"ş\" 1")
    // Into another event or order it can't be moved.
    #expect(Self.open(sealed, "\(Self.order)/5") == nil)
    #expect(Self.open(sealed, "\(Self.order)/4", order: "01a1fe45-7c1e-7b02-9d3c-2f6a5b1c8d02") == nil)
    // Nothing else has changed.
    data["pin_sealed"] = nil
    var rest = json
    rest["data"] = data
    let before = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? NSDictionary)
    #expect(before.isEqual(rest))
    // Each time anew.
    #expect(
      SealedPin.add(Pin("PIN \"ş\" 1"), to: body, order: Self.order, event: "\(Self.order)/4", for: Self.sealedTo)
        != made)
  }

  @Test(arguments: ["", "AA==", "not base64", Base64.encode(.init(repeating: 0, count: 32))])
  func nothingIsSealedToWhatIsNoKey(key: String) {
    #expect(SealedPin.add(Pin("PIN"), to: Self.bodies[0], order: "o", event: "e", for: key) == nil)
  }

  private static func open(_ sealed: [UInt8], _ event: String, order: String = order) -> String? {
    SealedBox.open(sealed, privateKey: key, info: SealedPin.info(order: order, event: event))
      .map { String(decoding: $0, as: UTF8.self) }
  }
}
