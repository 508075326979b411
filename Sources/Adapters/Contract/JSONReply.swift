/// The JSON of a reply, or the line that stands for a reply that has none.
enum JSONReply {
  case json(WireJSON)
  case none(AnswerLine)

  /// - Parameter isFine: whether the reply's status is one under which JSON is due. A body of another may be JSON all the same,
  ///   as errors often are.
  init(_ reply: WireReply, isFine: Bool) {
    do {
      // What is wrong with it as a text, whatever its status.
      _ = try ReplyText(WireReply(status: 200, body: reply.body), isLine: false).text
    } catch {
      self = .none(AnswerLine(isFine ? error : .status(reply.status)))
      return
    }
    if let json = WireJSON(reply.body) {
      self = .json(json)
    } else {
      self = .none(
        isFine
          ? AnswerLine(problem: "(no JSON)", words: "an answer that is no JSON") : AnswerLine(.status(reply.status)))
    }
  }
}
