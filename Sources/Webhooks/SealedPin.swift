import Cipher
import CommandLine
import Orders

/// An event with its order's PIN in it, for the eyes of one receiver.
///
/// It is made when it is posted and stored nowhere: so a key that the shop changed holds at once, an order that is contested
/// meanwhile tells none, and each attempt is sealed anew.
enum SealedPin {
  /// The key of an endpoint is none. It was looked at when it was set.
  struct Unusable: Error, CustomStringConvertible {
    let endpoint: String
    var description: String { "the endpoint \(endpoint) has a key that nothing can be sealed to" }
  }

  /// Begins the data of an event. A text in it can't look so: its quotes are escaped.
  private static let dataBegins = #""data":{"#

  /// What a sealed PIN is bound to: put into another event, it does not open.
  static func info(order: String, event: String) -> [UInt8] { Array("sevk pin \(order) \(event)".utf8) }

  /// The body of an event, with `data.pin_sealed`.
  ///
  /// - Parameter key: X25519, in base64.
  /// - Returns: nil when the key is none.
  static func add(_ pin: Pin, to body: String, order: String, event: String, for key: String) -> String? {
    guard let box = Base64.decode(key).flatMap({ SealedBox(publicKey: $0) }),
      let begin = body.firstRange(of: dataBegins)
    else { return nil }
    let sealed = Base64.encode(box.seal(Array(pin.secret.utf8), info: info(order: order, event: event)))
    // What stands in the data is never nothing.
    return body[..<begin.upperBound] + #""pin_sealed":\#(JSONText.quote(sealed)),"# + body[begin.upperBound...]
  }
}
