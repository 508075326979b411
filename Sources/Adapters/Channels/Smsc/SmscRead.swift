import Orders

/// What its numbers mean, of errors and of states.
extension Smsc {
  /// How long it asks to be left alone, which it does not say.
  private static let pause = Duration.seconds(60)

  public func readSend(_ reply: WireReply) -> MessageOutcome {
    guard (200...299).contains(reply.status), let json = WireJSON(reply.body) else {
      return .unknown("it answered \(reply.status), and nothing that can be read")
    }
    if let code = json["error_code"]?.scalar.flatMap({ Int($0) }) { return Self.outcome(ofError: code) }
    guard json["error"] == nil, let id = json["id"]?.scalar, json["cnt"]?.scalar.flatMap({ Int($0) }) ?? 0 > 0 else {
      return .unknown("its answer says neither what it took nor why not")
    }
    return .sent(id: id)
  }

  private static func outcome(ofError code: Int) -> MessageOutcome {
    switch code {
    case 1: .refused("it finds a mistake in the request")
    case 2: .trouble("it knows no such login, or takes none from this address")
    case 3: .trouble("there is no money left")
    case 4: .trouble("it shut this address out for a while, after many mistakes")
    case 5: .refused("it finds a mistake in a date")
    case 6: .refused("it forbids this text or this sender")
    case 7: .blocked("it finds the number wrong")
    case 8: .blocked("it brings nothing to this number")
    // The same message within a minute, or too many at once: the first of them may be there.
    case 9: .unknown("it says that the same was just sent, or too much")
    default: .unknown("error \(code), which nobody described")
    }
  }

  public func readAnswer(_ reply: WireReply) -> MessageAnswer {
    guard (200...299).contains(reply.status), let json = WireJSON(reply.body) else {
      return .unreadable("it answered \(reply.status), and nothing that can be read")
    }
    if let code = json["error_code"]?.scalar.flatMap({ Int($0) }) {
      switch code {
      case 2: return .trouble("it knows no such login, or takes none from this address")
      case 4: return .trouble("it shut this address out for a while, after many mistakes")
      case 9: return .busy(Self.pause)
      default: return .unreadable("error \(code)")
      }
    }
    guard let status = json["status"]?.scalar.flatMap({ Int($0) }) else { return .unreadable("it names no state") }
    switch status {
    case -3: return .hasNot
    case -2: return .failed("it stopped the message")
    case -1: return .has("waiting")
    case 0: return .has("handed to the operator")
    case 1: return .has("delivered")
    case 2: return .has("read")
    case 3: return .failed("it expired")
    case 20: return .failed("it can't be delivered")
    case 22: return .failed("the number is wrong")
    case 23: return .failed("it is forbidden")
    case 24: return .failed("there was no money")
    case 25: return .failed("the number can't be reached")
    // It has it, whatever that is.
    default: return .has("state \(status)")
    }
  }

  public func readProbe(_ reply: WireReply) -> Result<String, MessagingTrouble> {
    guard let json = WireJSON(reply.body) else {
      return .failure(MessagingTrouble("it answered \(reply.status), and nothing that can be read"))
    }
    if let balance = json["balance"]?.scalar { return .success("balance \(balance)") }
    if let code = json["error_code"]?.scalar.flatMap({ Int($0) }) {
      switch Self.outcome(ofError: code) {
      case .trouble(let words), .refused(let words): return .failure(MessagingTrouble(words))
      default: return .failure(MessagingTrouble("error \(code)"))
      }
    }
    return .failure(MessagingTrouble("it says no balance"))
  }
}
