import Orders

/// A message as SMTP carries it (RFC 5322), with CRLF at its lines' ends.
public struct EmailMessage: Sendable, Equatable {
  public let from: String
  public let to: String
  public let bytes: [UInt8]

  private static let lineMax = 76

  /// - Parameters:
  ///   - id: of the message: the same at each attempt, so that a mail server that gets it twice can know it.
  ///   - at: milliseconds of Unix time, of what it tells.
  /// - Returns: nil when an address is none.
  public init?(_ text: MessageText, from: String, to: String, id: String, at: Int64) {
    guard let sender = EmailAddress(from), let recipient = EmailAddress(to), recipient.name.isEmpty else { return nil }
    (self.from, self.to) = (sender.mailbox, recipient.mailbox)
    let domain = sender.domain
    let name = id.unicodeScalars.filter {
      OddCharacter.unseen(in: String($0)) == nil && !"<>@ ".unicodeScalars.contains($0)
    }
    let headers = [
      "Date: \(EmailDate.text(at))",
      "From: \(sender.header)",
      "To: \(recipient.header)",
      "Subject: \(EmailHeader.text(text.subject))",
      "Message-ID: <\(String(String.UnicodeScalarView(name)))@\(domain)>",
      "Auto-Submitted: auto-generated",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: base64",
    ]
    let words = [text.body, text.link ?? ""].filter { !$0.isEmpty }.joined(separator: "\n\n")
    // Base64: no line of it can be a dot, or too long.
    let lines = words.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).joined(separator: "\r\n")
    let encoded = Array(Base64Text.encode(Array((lines + "\r\n").utf8)).utf8)
    var bytes = Array((headers.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    for start in stride(from: 0, to: encoded.count, by: Self.lineMax) {
      bytes += encoded[start..<min(start + Self.lineMax, encoded.count)]
      bytes += [0x0D, 0x0A]
    }
    self.bytes = bytes
  }
}

/// A moment as a header has it: `Mon, 30 Nov 2026 07:46:42 +0000`.
enum EmailDate {
  private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  private static let dayMilliseconds: Int64 = 86_400_000

  static func text(_ milliseconds: Int64) -> String {
    let at = max(milliseconds, 0)
    // 1970-01-01 was a Thursday.
    let day = days[Int(at / dayMilliseconds % 7)]
    let text = Timestamp.rfc3339(at)
    let parts = text.split { !$0.isNumber }.map(String.init)
    guard parts.count >= 6, let month = Int(parts[1]), months.indices.contains(month - 1) else { return text }
    return "\(day), \(parts[2]) \(months[month - 1]) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) +0000"
  }
}
