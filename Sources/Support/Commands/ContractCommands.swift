import Adapters
import CommandLine
import EventLoop
import Orders
import Process
import ProviderGate
import Store

/// `worker provider contract|unfamiliar`: what a provider's answers mean, and which nobody has explained.
enum ContractCommands {
  static let contract = Command(
    "provider contract", usage: "NAME [--json]",
    "Shows what a provider's answers mean, what each allows, and where that is known from. NAME is a provider's or an"
      + " adapter's.",
    grammar: .init(switches: ["--json"], wordsMax: 1), settings: OrderCommands.reading,
    example: "worker provider contract panel"
  ) { arguments, settings in
    let name = try name(arguments)
    try await with(settings) { sources in
      let provider = try await sources.directory.providers().first { $0.name == name }
      guard let adapter = AdapterRegistry.sevk.adapter(named: provider?.adapter ?? name) else {
        throw ExitError("there is no provider and no adapter named \(name); see: worker provider list", code: 1)
      }
      guard let contracted = adapter as? any ContractedAdapter else {
        throw ExitError("the adapter \(type(of: adapter).name) is inside the programs and has no contract", code: 1)
      }
      let facts = provider.map { adapter.facts(for: ProviderAccount($0)) } ?? adapter.facts
      print(arguments.has("--json") ? json(name, contracted, facts) : text(contracted, facts))
    }
  }

  static let unfamiliar = Command(
    "provider unfamiliar", usage: "NAME [--json]",
    "Lists a provider's answers that no row of its contract explains, without PINs; they settled nothing.",
    grammar: .init(switches: ["--json"], wordsMax: 1), settings: OrderCommands.reading,
    example: "worker provider unfamiliar panel"
  ) { arguments, settings in
    let name = try name(arguments)
    try await with(settings) { sources in
      guard let provider = try await sources.directory.providers().first(where: { $0.name == name }) else {
        throw ExitError("there is no provider named \(name); see: worker provider list", code: 1)
      }
      let replies = try await UnfamiliarReplies(sources.store).all(provider: provider.id)
      if arguments.has("--json") { return print(JSONText.array(replies.map(json))) }
      guard !replies.isEmpty else { return print("every answer of \(name) so far is explained by its contract") }
      var table = TextTable([
        .init("SEEN", isRight: true), .init("LAST"), .init("ANSWER TO"), .init("HTTP"), .init("ORDER"), .init("ANSWER"),
      ])
      for reply in replies {
        table.add([
          "\(reply.seen)", LocalTime.milliseconds(rfc3339: reply.lastAt).map(LocalTime.column) ?? reply.lastAt,
          reply.kind,
          reply.status.map(String.init) ?? "", reply.orderID?.description ?? "", shown(reply.reply),
        ])
      }
      print(table.text(width: TextOutput.standard.columns))
      if replies.count >= UnfamiliarReplies.distinctMax {
        print("there are \(replies.count), the most that are kept: further ones are counted in the metric alone")
      }
    }
  }

  // MARK: Text

  private static func text(_ adapter: any ContractedAdapter, _ facts: ProviderFacts) -> String {
    let contract = type(of: adapter).contract
    var lines: [String] = []
    for (kind, title) in [(Exchange.Kind.send, "SEND"), (.query, "QUESTION"), (.probe, "PROBE")] {
      var table = TextTable(title, "WORDS", "MEANS", "ALLOWS", "KNOWN FROM")
      for row in contract.rows where row.on == kind {
        table.add([row.answer, row.words, row.means.words, row.means.allows, row.evidence])
      }
      if !table.isEmpty { lines += table.lines(width: TextOutput.standard.columns) + [""] }
    }
    if !contract.phrases.isEmpty {
      var table = TextTable("LIST", "WORDS", "KNOWN FROM")
      for phrase in contract.phrases { table.add([phrase.list, phrase.words, phrase.evidence]) }
      lines += table.lines(width: TextOutput.standard.columns) + [""]
    }
    lines.append("The first row that matches counts; what none explains settles nothing.")
    lines.append(
      "\"Not found\": \(notFound(facts)). The same reference sent again: \(facts.resendSafe.words). References in one"
        + " question: \(facts.queryBatch), asked one by one. Asked about an order by: \(asked(adapter).words).")
    return lines.joined(separator: "\n")
  }

  private static func asked(_ adapter: any Adapter) -> AskedBy {
    (adapter as? any QueryingAdapter).map { type(of: $0).asked } ?? .ourReference
  }

  private static func notFound(_ facts: ProviderFacts) -> String {
    switch facts.notFound {
    case .never: "proves nothing by itself"
    case .after(let grace): "is trusted with the control question \(grace.inWords) after a send"
    }
  }

  private static func shown(_ reply: [UInt8]) -> String {
    reply.isEmpty ? "(empty)" : String(decoding: reply, as: UTF8.self)
  }

  // MARK: JSON

  private static func json(_ name: String, _ adapter: any ContractedAdapter, _ facts: ProviderFacts) -> String {
    let contract = type(of: adapter).contract
    var trusted: String?
    if case .after(let grace) = facts.notFound { trusted = "\(grace.milliseconds)" }
    return JSONText.object([
      "name": JSONText.quote(name), "adapter": JSONText.quote(type(of: adapter).name),
      "facts": JSONText.object([
        "resend_same_reference": JSONText.quote(facts.resendSafe.rawValue), "not_found_trusted_after_ms": trusted,
        "references_per_question": "\(facts.queryBatch)", "reference_digits": "\(facts.referenceDigits)",
        "asked_by": JSONText.quote(asked(adapter) == .ourReference ? "our_reference" : "provider_order_id"),
        "parameters": JSONText.array(facts.requiredParameters.map { JSONText.quote($0) }),
      ]),
      "rows": JSONText.array(
        contract.rows.map { row in
          JSONText.object([
            "on": JSONText.quote(row.on.rawValue), "answer": JSONText.quote(row.answer),
            "words": row.words.isEmpty ? nil : JSONText.quote(row.words), "means": JSONText.quote(row.means.rawValue),
            "meaning": JSONText.quote(row.means.words), "allows": JSONText.quote(row.means.allows),
            "evidence": JSONText.quote(row.evidence), "sample": JSONText.quote(row.sample),
          ])
        }),
      "words": JSONText.array(
        contract.phrases.map { phrase in
          JSONText.object([
            "list": JSONText.quote(phrase.list), "words": JSONText.quote(phrase.words),
            "evidence": JSONText.quote(phrase.evidence),
          ])
        }),
    ])
  }

  private static func json(_ reply: UnfamiliarReply) -> String {
    JSONText.object([
      "kind": JSONText.quote(reply.kind), "http_status": reply.status.map { "\($0)" },
      "reply": JSONText.quote(String(decoding: reply.reply, as: UTF8.self)), "seen": "\(reply.seen)",
      "order": reply.orderID.map { JSONText.quote($0.description) }, "first_at": JSONText.quote(reply.firstAt),
      "last_at": JSONText.quote(reply.lastAt),
    ])
  }

  // MARK: Frame

  private static func name(_ arguments: Arguments) throws -> String {
    guard let name = arguments.words.first else { throw UsageError("NAME is missing; see: worker provider list") }
    return name
  }

  @LoopActor
  private static func with(
    _ settings: Settings, _ body: @LoopActor (SupportSources) async throws -> Void
  ) async throws {
    // Redis knows nothing of it.
    let frame = try ProcessFrame(program: "worker", settings: settings, key: .never)
    try await frame.connect(redis: false)
    do { try await body(frame.sources) } catch {
      await frame.close()
      throw error
    }
    await frame.close()
  }
}

extension AskedBy {
  fileprivate var words: String {
    switch self {
    case .ourReference: "our reference"
    case .providerOrderID: "the provider's own number, so not at all where the answer to the send was lost"
    }
  }
}

extension ResendSafety {
  fileprivate var words: String {
    switch self {
    case .yes: "never booked twice"
    case .sequential: "not booked twice when the first has ended; Sevk does not rely on it"
    case .no: "booked twice"
    case .unknown: "nobody knows what happens"
    }
  }
}
