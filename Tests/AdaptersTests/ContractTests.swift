import Orders
import Testing

@testable import Adapters

/// Each provider's table, row by row: what it says is what the reader does, and no row is there for nothing.
@Suite struct ContractTests {
  static let adapters = AdapterRegistry.sevk.all.compactMap { $0 as? any ContractedAdapter }

  @Test func eachAdapterHasAContractThatIsRead() {
    for adapter in AdapterRegistry.sevk.all where type(of: adapter).channel == .http {
      #expect(adapter is any ContractedAdapter, "\(type(of: adapter).name)")
    }
    for adapter in Self.adapters {
      let (name, contract) = (type(of: adapter).name, type(of: adapter).contract)
      #expect(contract.problems.isEmpty, "\(name): \(contract.problems)")
      #expect(!contract.rows.isEmpty, "\(name)")
      for evidence in contract.rows.map(\.evidence) + contract.phrases.map(\.evidence) {
        let kind = evidence.prefix { $0.isLetter }
        #expect(AnswerContract.evidenceKinds.contains(String(kind)), "\(name): \(evidence)")
        #expect(evidence.count > kind.count + 1, "\(name): \(evidence)")
      }
    }
  }

  @Test func theReaderReadsEachRowAsTheTableSays() {
    for adapter in Self.adapters {
      let name = type(of: adapter).name
      for row in type(of: adapter).contract.rows {
        let reply = Self.reply(row.sample)
        #expect(adapter.row(of: reply, kind: row.on) == row, "\(name): \(row.on) \(row.sample)")
        switch row.on {
        case .send: #expect(Self.expected(row.means, ofSend: adapter, reply), "\(name): \(row.sample)")
        case .query: #expect(Self.expected(row.means, ofQuery: adapter, reply), "\(name): \(row.sample)")
        case .probe:
          let outcome = (adapter as? any ProbingAdapter)?.readProbe(reply)
          if case .working = outcome {
            #expect(row.means == .balance, "\(name): \(row.sample)")
          } else {
            #expect(row.means != .balance, "\(name): \(row.sample)")
          }
        case .catalog: Issue.record("\(name): a catalogue has no rows")
        }
      }
    }
  }

  /// Without a row its sample is read otherwise.
  @Test func noRowIsThereForNothing() {
    for adapter in Self.adapters {
      let (name, contract) = (type(of: adapter).name, type(of: adapter).contract)
      for (index, row) in contract.rows.enumerated() {
        var rest = contract.rows
        rest.remove(at: index)
        let without = AnswerContract(rows: rest, phrases: contract.phrases)
        let found = adapter.row(of: Self.reply(row.sample), kind: row.on, by: without)
        #expect(found?.means != row.means, "\(name): \(row.on) \(row.answer) \(row.words)")
      }
    }
  }

  @Test func noPhraseIsThereForNothing() {
    for adapter in Self.adapters {
      let (name, contract) = (type(of: adapter).name, type(of: adapter).contract)
      for phrase in contract.phrases {
        let text = FoldedText(phrase.sample)
        let finding = contract.phrases.filter {
          $0.list == phrase.list && AnswerWords($0.words, lists: [:])?.stand(in: text) == true
        }
        #expect(finding == [phrase], "\(name): \(phrase.list) \(phrase.words)")
        #expect(contract.rows.contains { $0.words.contains(phrase.list) }, "\(name): nothing looks for \(phrase.list)")
      }
    }
  }

  @Test func aTableThatMakesNoSenseExplainsNothing() {
    for wrong in [
      "send\tOK\t\taccepted\tdoc: x", "send\tOK\t\tnonsense\tdoc: x\tOK", "send\tOK|{what}\t\taccepted\tdoc: x\tOK",
      "send\tOK\t@none\taccepted\tdoc: x\tOK", "nothing\tOK\t\taccepted\tdoc: x\tOK", "@a\tx",
    ] {
      let contract = AnswerContract(text: wrong)
      #expect(contract.rows.isEmpty && contract.problems.count == 1, "\(wrong)")
    }
  }

  /// `(status 502)`, `(status 400) {…}`, `(page)`, `(empty)` or what the body is.
  static func reply(_ sample: String) -> WireReply {
    if sample == "(empty)" { return made("") }
    if sample == "(page)" { return made("<html><body>502</body></html>") }
    if sample.hasPrefix("(status "), let end = sample.firstIndex(of: ")") {
      let status = Int(sample[..<end].dropFirst(8)) ?? 0
      return made(String(sample[sample.index(after: end)...].drop { $0 == " " }), status: status)
    }
    return made(sample)
  }

  private static func made(_ text: String, status: Int = 200) -> WireReply {
    WireReply(status: status, body: Array(text.utf8))
  }

  static func expected(_ means: AnswerMeaning, ofSend adapter: any ContractedAdapter, _ reply: WireReply) -> Bool {
    guard let outcome = (adapter as? any SendingAdapter)?.readSend(reply) else { return false }
    switch (means, outcome) {
    case (.accepted, .accepted), (.delivered, .delivered), (.refused, .refused), (.repetition, .unknown),
      // One answer of several is none by itself.
      (.step, .unknown),
      (.trouble, .unknown), (.noAccess, .accountTrouble(_, isBalance: false)),
      (.noBalance, .accountTrouble(_, isBalance: true)):
      return true
    default: return false
    }
  }

  static func expected(_ means: AnswerMeaning, ofQuery adapter: any ContractedAdapter, _ reply: WireReply) -> Bool {
    guard let adapter = adapter as? any QueryingAdapter else { return false }
    switch (means, adapter.readQuery(reply, account: testedAccount)) {
    case (.waiting, .waiting), (.completed, .completed(.some, _)), (.completedWithoutPin, .completed(nil, _)),
      (.cancelled, .cancelled), (.notFound, .notFound), (.questionFailed, .queryFailed), (.step, .queryFailed):
      return true
    default: return false
    }
  }
}
