/// Why an order is where it is: a code that programs go by, and a sentence for people. Both are decided together, at one
/// place, and stored together; nothing is ever read out of the sentence again.
public struct Reason: Sendable, Equatable {
  /// Nil where the status says all there is.
  public let code: ReasonCode?
  /// Nil where the code says all there is.
  public let text: String?

  public init(_ code: ReasonCode?, _ text: String? = nil) {
    self.code = code
    self.text = text
  }
}
