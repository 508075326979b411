import FoundationEssentials
import HTTPServer
import Orders

/// What the tests and the demo ask: not part of a real panel.
extension PanelServer {
  /// Every debit and credit, and who asked for them.
  func audit(_ request: HTTPRequest) -> HTTPResponse {
    panel.advance(to: now)
    let report = AuditReport(
      panel, faults: faults, books: apiBooks, notices: notices?.counts ?? [:], sendsAtOnceMax: sendsAtOnceMax,
      summary: request.query["summary"] == "1")
    return json(report)
  }

  func changeFaults(_ request: HTTPRequest) -> HTTPResponse {
    if request.method == "POST" {
      guard let wanted = try? JSONDecoder().decode([String: RateText].self, from: Data(request.body)) else {
        return refuse("expected an object of fault names and rates (0 to 1, or \"#N\")")
      }
      var rates: [(Fault, FaultRate)] = []
      for (name, text) in wanted {
        guard let fault = Fault(rawValue: name) else { return refuse("no fault is named \(name)") }
        guard let rate = FaultRate(text.text) else { return refuse("\(name): expected a rate from 0 to 1, or \"#N\"") }
        rates.append((fault, rate))
      }
      for (fault, rate) in rates { faults.set(fault, rate) }
    }
    let shown = faults.rates.map { ($0.key.rawValue, RateText($0.value)) }
    return json(Dictionary(uniqueKeysWithValues: shown))
  }

  func settle(_ request: HTTPRequest) -> HTTPResponse {
    struct Wanted: Decodable {
      var reference: String
      var state: String
    }
    guard let wanted = try? JSONDecoder().decode(Wanted.self, from: Data(request.body)),
      let state = PanelOrder.State(rawValue: wanted.state), state != .waiting
    else { return refuse("expected {\"reference\": \"…\", \"state\": \"completed\" or \"cancelled\"}") }
    guard panel.settle(wanted.reference, state, now: now) else {
      return refuse("no order has the reference \(wanted.reference)", status: 404)
    }
    return json(["reference": wanted.reference, "state": state.rawValue])
  }

  func addBalance(_ request: HTTPRequest) -> HTTPResponse {
    guard var wanted = try? JSONDecoder().decode([String: RateText].self, from: Data(request.body)) else {
      return refuse("expected {\"add\": \"100\"} or {\"set\": \"100\"}, with \"dealer\" for one")
    }
    let one = wanted.removeValue(forKey: "dealer")?.text
    guard let (verb, text) = wanted.first, wanted.count == 1, let amount = Money(parsing: text.text),
      verb == "add" || verb == "set", one.map({ panel.balances[$0] != nil }) ?? true
    else { return refuse("expected {\"add\": \"100\"} or {\"set\": \"100\"}, with \"dealer\" for one") }
    panel.advance(to: now)
    for (dealer, balance) in panel.balances where one == nil || one == dealer {
      panel.add(verb == "add" ? amount : amount - balance, to: dealer)
    }
    return json(["balance": panel.balance.description])
  }

  func setPrices(_ request: HTTPRequest) -> HTTPResponse {
    guard let wanted = try? JSONDecoder().decode([String: RateText].self, from: Data(request.body)),
      let percent = wanted["percent"].flatMap({ Double($0.text) }), (1...10_000).contains(percent)
    else { return refuse("expected {\"percent\": \"110\"}, from 1 to 10000") }
    panel.setPrices(percent: Int64(percent))
    return json(["percent": "\(panel.pricePercent)"])
  }

  private func json(_ value: some Encodable) -> HTTPResponse {
    guard let data = try? JSONEncoder().encode(value) else { return refuse("cannot be written as JSON", status: 500) }
    return HTTPResponse(status: 200, headers: Self.json, body: Array(data) + [UInt8(ascii: "\n")])
  }

  private func refuse(_ problem: String, status: Int = 400) -> HTTPResponse {
    let data = (try? JSONEncoder().encode(["error": problem])) ?? Data()
    return HTTPResponse(status: status, headers: Self.json, body: Array(data) + [UInt8(ascii: "\n")])
  }
}

/// A number or a text in JSON: `0.2`, `"#1"`, `"100"`.
struct RateText: Codable {
  let text: String

  init(_ rate: FaultRate) {
    switch rate {
    case .share(let share): text = String(share)
    case .next(let count): text = "#\(count)"
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      text = String(number)
    } else {
      text = try container.decode(String.self)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let number = Double(text) { try container.encode(number) } else { try container.encode(text) }
  }
}
