/// What the head of an answer says about the length of its body.
///
/// Panels count characters for bytes, or let a notice of PHP follow; a reader that stops where the head says would take
/// the same cut for the same answer each time.
struct AnswerLength {
  /// In bytes; nil when the body ends with the connection or in chunks.
  private(set) var announced: Int?
  private var isChunked = false
  private var isTwofold = false

  private static let contentLength = "content-length"
  private static let transferEncoding = "transfer-encoding"
  private static let lengths = [contentLength.utf8.count, transferEncoding.utf8.count]

  mutating func note(_ header: (name: String, value: String)) {
    // Most names are of another length, and need not be written small.
    guard Self.lengths.contains(header.name.utf8.count) else { return }
    switch header.name.lowercased() {
    case Self.contentLength:
      guard let value = Int(header.value), value >= 0 else {
        isTwofold = true
        return
      }
      if let announced, announced != value { isTwofold = true }
      announced = max(announced ?? 0, value)
    case Self.transferEncoding: isChunked = true
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
