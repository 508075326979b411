import EventLoop
import HTTPServer

/// SMSC.
extension MessagesServer {
  private static let textCharactersMax = 1000
  private static let repetition = Duration.seconds(60)

  func sendSMS(_ request: HTTPRequest) -> HTTPResponse {
    books.count("smsc send")
    let fields = form(request)
    guard isLogin(fields) else { return smsFails(2, "authorise error") }
    let (phone, text) = (fields["phones"] ?? "", fields["mes"] ?? "")
    let fault = faults.next(phone)
    if let fault, [.dropRequest, .html].contains(fault) { return broken(fault) }
    if fault == .serverError { return .text("Internal Server Error", status: 500) }
    guard fields["fmt"] == "3", fields["charset"] == "utf-8", let id = fields["id"].flatMap({ Int($0) }),
      (1...2_147_483_647).contains(id), !text.isEmpty, text.count <= Self.textCharactersMax
    else {
      books.refused.append("parameters error")
      return smsFails(1, "parameters error")
    }
    guard (8...15).contains(phone.count), phone.allSatisfy(\.isNumber), !wrongPhones.contains(phone) else {
      return smsFails(7, "invalid number")
    }
    if fault == .busy { return smsFails(9, "too many requests") }
    let key = "\(phone) \(text)"
    if let before = recent[key], .now - before < Self.repetition {
      return smsFails(9, "duplicate request, wait a minute")
    }
    recent[key] = .now
    books.sms.append(.init(phone: phone, id: id, text: text, sender: fields["sender"]))
    if fault == .loseAnswer { return .abort(.reset) }
    if fault == .stall { return .abort(.stall) }
    if fault == .shownError { return .text("Bad Gateway", status: 502) }
    return .json(Array(#"{"id":\#(id),"cnt":1,"cost":"1.40","balance":"98.60"}"#.utf8))
  }

  func showSMS(_ request: HTTPRequest) -> HTTPResponse {
    books.count("smsc status")
    let fields = form(request)
    guard isLogin(fields) else { return smsFails(2, "authorise error") }
    let isThere = books.sms.contains { $0.phone == fields["phone"] && "\($0.id)" == fields["id"] }
    return .json(Array((isThere ? #"{"status":1,"last_timestamp":1}"# : #"{"status":-3}"#).utf8))
  }

  func showBalance(_ request: HTTPRequest) -> HTTPResponse {
    isLogin(form(request)) ? .json(Array(#"{"balance":"100.00"}"#.utf8)) : smsFails(2, "authorise error")
  }

  private func smsFails(_ code: Int, _ words: String) -> HTTPResponse {
    .json(Array(#"{"error":"\#(words)","error_code":\#(code)}"#.utf8))
  }

  private func isLogin(_ fields: [String: String]) -> Bool {
    fields["login"] == options.login && fields["psw"] == options.password
  }

  private func form(_ request: HTTPRequest) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in String(decoding: request.body, as: UTF8.self).split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      fields[Self.decoded(parts[0])] = Self.decoded(parts[1])
    }
    return fields
  }

  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
