import HTTPServer
import Orders

/// Answers in JSON, with the faults that JSON and HTTP have of their own.
extension PanelServer {
  func api(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, headers: Self.json, body: Array(text.utf8))
  }

  /// The answer, with the faults that change its bytes or its head but not what it says.
  func finishAPI(_ text: String, status: Int = 200, _ reference: String, _ nth: Int) -> HTTPResponse {
    guard !faults.rates.isEmpty else { return api(text, status: status) }
    let written = faults.strikes(.textNumbers, reference, nth: nth) ? Self.numbersAsTexts(text) : text
    var response = finish(written, reference, nth)
    (response.status, response.headers) = (status, Self.json)
    guard case .bytes(let body) = response.body else { return response }
    if faults.strikes(.wrongLength, reference, nth: nth) {
      // More than comes, or less.
      let isMore = Chance(options.seed, "length", reference, nth).share < 0.5
      response.headers.append(("Content-Length", "\(isMore ? body.count + 7 : max(body.count - 7, 1))"))
    }
    if faults.strikes(.redirect, reference, nth: nth) {
      return HTTPResponse(status: 302, headers: [("Location", "/maintenance")])
    }
    // The head of a packed answer before one that was unpacked on the way.
    if faults.strikes(.gzip, reference, nth: nth) { response.headers.append(("Content-Encoding", "gzip")) }
    return response
  }

  /// A fault that takes the place of the answer.
  func anyFaultOfAPI(_ reference: String, _ nth: Int, login: () -> HTTPResponse) -> HTTPResponse? {
    guard !faults.rates.isEmpty else { return nil }
    if faults.strikes(.dropRequest, reference, nth: nth) { return .abort(.reset) }
    if faults.strikes(.loginFails, reference, nth: nth) { return login() }
    return [Fault.serverError, .forbidden, .tooMany, .html, .empty]
      .first { faults.strikes($0, reference, nth: nth) }.map(spoil)
  }

  /// What takes the place of the answer to a question, whatever it would be.
  func faultOfQuestion(_ reference: String, _ nth: Int, error: String, login: () -> HTTPResponse) -> HTTPResponse? {
    guard !faults.rates.isEmpty else { return nil }
    if faults.strikes(.queryFails, reference, nth: nth) { return api(error, status: 500) }
    if faults.strikes(.queryEmpty, reference, nth: nth) { return line("") }
    if faults.strikes(.queryStall, reference, nth: nth) { return .abort(.stall) }
    return anyFaultOfAPI(reference, nth, login: login)
  }

  /// The true answer, spoilt so that it says something else, or more than it should.
  ///
  /// - Parameters:
  ///   - other: the answer about another order.
  ///   - both: the answer with the row of another order in it.
  ///   - cancelled: answers that resemble a cancellation.
  func twistedAPI(
    _ text: String, _ order: PanelOrder, _ nth: Int, other: (PanelOrder) -> String, both: (PanelOrder) -> String,
    cancelled: [String]
  ) -> String? {
    let reference = order.reference
    if faults.strikes(.cancelCut, reference, nth: nth) { return pick(cancelled, "cancel-cut", reference, nth) }
    if faults.strikes(.notice, reference, nth: nth) {
      let isFirst = Chance(options.seed, "notice-first", reference, nth).share < 0.5
      return isFirst ? "\(Self.notice)\n\(text)" : "\(text)\n\(Self.notice)"
    }
    if let stranger = panel.other(than: order, nth) {
      if faults.strikes(.secondLine, reference, nth: nth) {
        let isRow = Chance(options.seed, "second-row", reference, nth).share < 0.5
        return isRow ? both(stranger) : text + other(stranger)
      }
      if nth % 2 == 0, faults.strikes(.stray, reference, nth: nth) { return other(stranger) }
    }
    if let pin = order.pin, order.state == .completed, faults.strikes(.pinCut, reference, nth: 0),
      let place = text.ranges(of: pin).first
    {
      let share = Chance(options.seed, "pin-cut", reference).bits % 6
      return String(text[..<place.lowerBound]) + String(pin.prefix(4 + Int(share)))
    }
    return nil
  }

  /// Whether a send is spoilt so that it stays open whether it was booked; and by what.
  func spoiltSend(_ reference: String, _ nth: Int) -> (fault: Fault, isBooked: Bool)? {
    [Fault.serverError, .html, .empty].first { faults.strikes($0, reference, nth: nth) }
      .map { ($0, Chance(options.seed, "accepted", reference, nth).share >= 0.5) }
  }

  /// What a send meets at the door: nothing is recorded.
  func faultAtDoor(_ reference: String, _ nth: Int) -> HTTPResponse? {
    if faults.strikes(.dropRequest, reference, nth: nth) { return .abort(.reset) }
    if faults.strikes(.forbidden, reference, nth: nth) { return page(403) }
    return faults.strikes(.tooMany, reference, nth: nth) ? page(429) : nil
  }

  /// How an order that is accepted now is to end.
  func twists(_ reference: String, _ nth: Int) -> Set<Fault> {
    Set(
      [Fault.doubleDebit, .lateCancel, .cancelByHand, .neverEnds, .samePin].filter {
        faults.strikes($0, reference, nth: nth)
      })
  }

  /// Each number behind a colon as a text, as servers in PHP write them.
  nonisolated private static func numbersAsTexts(_ text: String) -> String {
    var result: [UInt8] = []
    var bytes = Array(text.utf8)[...]
    while let byte = bytes.popFirst() {
      result.append(byte)
      guard byte == UInt8(ascii: ":") else { continue }
      let number = bytes.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
      guard !number.isEmpty else { continue }
      result.append(UInt8(ascii: "\""))
      result.append(contentsOf: number)
      result.append(UInt8(ascii: "\""))
      bytes = bytes.dropFirst(number.count)
    }
    return String(decoding: result, as: UTF8.self)
  }
}
