/// What the head of an answer says about the length of its body.
///
/// Panels count characters for bytes, or let a notice of PHP follow; a reader that stops where the head says would take
/// the same cut for the same answer each time.
struct AnswerLength {
  /// In bytes; nil when the body ends with the connection or in chunks.
  private(set) var announced: Int?
  private var isChunked = false
  private var isTwofold = false

  mutating func note(_ header: (name: String, value: String)) {
    switch header.name.lowercased() {
    case "content-length":
      guard let value = Int(header.value), value >= 0 else {
        isTwofold = true
        return
      }
      if let announced, announced != value { isTwofold = true }
      announced = max(announced ?? 0, value)
    case "transfer-encoding": isChunked = true
    default: break
    }
  }

  /// What is wrong with a body of so many bytes, in words; nil when nothing is.
  func fault(received: Int) -> String? {
    if isTwofold || isChunked && announced != nil { return "its head says two things about its length" }
    guard let announced, announced != received else { return nil }
    return "its head announced \(announced) bytes and \(received) came"
  }
}
