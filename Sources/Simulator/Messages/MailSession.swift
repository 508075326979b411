import EventLoop
import FoundationEssentials
import Glibc

/// One connection to the mail server.
@LoopActor
final class MailSession {
  private static let lineBytesMax = 1000

  private let descriptor: Int32
  private let messages: MessagesServer
  private let onEnd: @LoopActor () -> Void
  private var poll: LoopPoll?
  private var input: [UInt8] = []
  private var user = ""
  /// What follows of a login in two steps.
  private var awaited: [String] = []
  private var given: [String] = []
  private var from: String?
  private var to: String?
  private var isData = false
  private static var grey: Set<String> = []

  init(_ descriptor: Int32, _ messages: MessagesServer, onEnd: @escaping @LoopActor () -> Void) {
    (self.descriptor, self.messages, self.onEnd) = (descriptor, messages, onEnd)
    poll = LoopPoll(descriptor: descriptor) { [weak self] _ in self?.read() }
    poll?.start(.readable)
    say("220 demo ESMTP")
  }

  private func say(_ line: String) {
    let bytes = Array((line + "\r\n").utf8)
    _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  private func end(isReset: Bool = false) {
    guard poll != nil else { return }
    poll?.stop()
    poll = nil
    if isReset {
      var now = linger(l_onoff: 1, l_linger: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }
    close(descriptor)
    onEnd()
  }

  private func read() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else {
      if count == 0 || errno != EAGAIN { end() }
      return
    }
    input += buffer[..<count]
    while poll != nil {
      if isData {
        let mark = Array("\r\n.\r\n".utf8)
        guard let range = Self.find(mark, in: input) else { return }
        let bytes = Array(input[..<(range + 2)])
        input.removeSubrange(..<(range + mark.count))
        isData = false
        take(bytes)
      } else {
        guard let range = Self.find([0x0D, 0x0A], in: input) else { return }
        let line = String(decoding: input[..<range], as: UTF8.self)
        input.removeSubrange(..<(range + 2))
        answer(line)
      }
    }
  }

  private static func find(_ mark: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= mark.count else { return nil }
    return (0...bytes.count - mark.count).first {
      bytes[$0] == mark[0] && bytes[$0..<$0 + mark.count].elementsEqual(mark)
    }
  }

  private func answer(_ line: String) {
    if !awaited.isEmpty { return login(step: line) }
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    switch words.first?.uppercased() {
    case "EHLO":
      say("250-demo")
      say("250-8BITMIME")
      say("250 AUTH PLAIN LOGIN")
    case "HELO", "NOOP", "RSET": say("250 ok")
    case "AUTH": auth(words.dropFirst().first ?? "")
    case "MAIL":
      guard let box = Self.mailbox(line) else { return say("501 syntax") }
      (from, to) = (box, nil)
      say("250 ok")
    case "RCPT": recipient(line)
    case "DATA":
      guard to != nil else { return say("503 no recipient") }
      isData = true
      say("354 go on")
    case "QUIT":
      say("221 bye")
      end()
    default: say("500 unknown")
    }
  }

  private func recipient(_ line: String) {
    guard from != nil, let box = Self.mailbox(line) else { return say("503 no sender") }
    if box.hasPrefix("nobody@") { return say("550 5.1.1 no such mailbox") }
    if box.hasPrefix("grey@"), Self.grey.insert(box).inserted { return say("451 4.7.1 come again") }
    to = box
    say("250 ok")
  }

  private static func mailbox(_ line: String) -> String? {
    guard let start = line.firstIndex(of: "<"), let end = line[start...].firstIndex(of: ">") else { return nil }
    let box = String(line[line.index(after: start)..<end])
    return box.split(separator: "@").count == 2 ? box : nil
  }

  // MARK: Login

  private func auth(_ text: String) {
    let words = text.split(separator: " ").map(String.init)
    switch words.first?.uppercased() {
    case "PLAIN":
      if let whole = words.dropFirst().first { return finish(plain: whole) }
      awaited = ["plain"]
      say("334 ")
    case "LOGIN":
      awaited = ["user", "password"]
      given = []
      if let first = words.dropFirst().first { return login(step: first) }
      say("334 VXNlcm5hbWU6")
    default: say("504 unknown")
    }
  }

  private func login(step: String) {
    let kind = awaited.removeFirst()
    if kind == "plain" { return finish(plain: step) }
    given.append(Data(base64Encoded: step).map { String(decoding: $0, as: UTF8.self) } ?? "")
    if awaited.isEmpty { finish(given[0], given[1]) } else { say("334 UGFzc3dvcmQ6") }
  }

  private func finish(plain: String) {
    let parts = Data(base64Encoded: plain).map { $0.split(separator: 0, omittingEmptySubsequences: false) } ?? []
    guard parts.count == 3 else { return say("501 syntax") }
    finish(String(decoding: parts[1], as: UTF8.self), String(decoding: parts[2], as: UTF8.self))
  }

  private func finish(_ name: String, _ password: String) {
    guard name == messages.options.login, password == messages.options.password else {
      return say("535 5.7.8 wrong login")
    }
    user = name
    say("235 ok")
  }

  // MARK: A letter

  private func take(_ bytes: [UInt8]) {
    messages.books.count("mail data")
    let (from, to) = (from ?? "", to ?? "")
    (self.from, self.to) = (nil, nil)
    let fault = messages.faults.next(to)
    switch fault {
    case .busy: return say("421 4.3.2 busy")
    case .serverError: return say("451 4.3.0 failed")
    case .dropRequest, .html: return end(isReset: true)
    default: break
    }
    guard let letter = MailText(bytes) else {
      messages.books.refused.append("a letter that can't be read")
      return say("554 5.6.0 can't be read")
    }
    messages.books.mail.append(
      .init(from: from, to: to, subject: letter.subject, id: letter.id, body: letter.body, login: user))
    if fault == .loseAnswer || fault == .shownError { return end(isReset: true) }
    if fault == .stall { return }
    say("250 2.0.0 taken")
  }
}

/// A letter as strict readers have it: each header once, lines that end and are not too long.
struct MailText {
  private(set) var subject = ""
  private(set) var id = ""
  private(set) var body = ""
  private static let lineBytesMax = 998

  init?(_ bytes: [UInt8]) {
    guard String(validating: bytes, as: UTF8.self) != nil, bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
    // A line end of its own kind is a line end nowhere else.
    guard
      lines.allSatisfy({ !$0.utf8.contains(0x0A) && !$0.utf8.contains(0x0D) && $0.utf8.count <= Self.lineBytesMax }),
      let blank = lines.firstIndex(of: "")
    else { return nil }
    var headers: [(name: String, value: String)] = []
    for line in lines[..<blank] {
      if line.hasPrefix(" ") || line.hasPrefix("\t") {
        guard !headers.isEmpty else { return nil }
        headers[headers.count - 1].value += line
      } else {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        headers.append((line[..<colon].lowercased(), String(line[line.index(after: colon)...].drop { $0 == " " })))
      }
    }
    func one(_ name: String) -> String? {
      let found = headers.filter { $0.name == name }
      return found.count == 1 ? found[0].value : nil
    }
    guard one("from") != nil, one("to") != nil, one("date") != nil, let id = one("message-id"),
      let subject = one("subject"),
      one("content-transfer-encoding") == "base64", one("content-type") == "text/plain; charset=utf-8",
      let data = Data(base64Encoded: lines[(blank + 1)...].joined())
    else { return nil }
    self.id = id
    self.subject = Self.words(subject)
    body = String(decoding: data, as: UTF8.self).replacing("\r\n", with: "\n")
    while body.last == "\n" { body.removeLast() }
  }

  /// Encoded words, decoded.
  private static func words(_ text: String) -> String {
    var data = Data()
    for word in text.split(separator: " ") {
      guard word.hasPrefix("=?utf-8?B?"), word.hasSuffix("?="), word.utf8.count <= 75 else { return text }
      guard let bytes = Data(base64Encoded: String(word.dropFirst(10).dropLast(2))) else { return text }
      data.append(bytes)
    }
    return String(decoding: data, as: UTF8.self)
  }
}
