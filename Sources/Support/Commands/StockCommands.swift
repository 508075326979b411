import CommandLine
import EventLoop
import Orders
import Process
import Store

/// `worker stock add|list|low`: codes of our own.
enum StockCommands {
  static let providerFlag = "--provider"
  private static let listedMax = 100

  static let add = Command(
    "stock add", usage: "PRODUCT --file FILE [--provider NAME] [--low N] [--skip-bad] [--by NAME] [--json]",
    "Adds codes from a file. The same file again adds only what it lacked; a code that is there already is refused.",
    grammar: .init(
      values: ["--file", providerFlag, "--low", "--by"], switches: ["--skip-bad", "--json"], wordsMax: 1),
    settings: OrderCommands.settings,
    details: [
      "--file      CSV; its first line names the columns: code, and if wanted serial, expires (2027-01-31), cost",
      "--low       fewer free codes than this are too few",
      "--skip-bad  adds the good lines all the same; without it a bad line stops all of them",
      "--by        who adds them, if not who is logged in",
    ],
    example: "worker stock add pubg-60 --file codes.csv --low 50"
  ) { arguments, settings in
    let product = try product(arguments)
    let path = try arguments.required("--file", "a CSV file of codes")
    let low = try arguments.value("--low").map(low)
    let person = try Person(arguments, noteFallback: "codes were added")
    try await with(settings, needsKey: true) { sources in
      let provider = try await provider(arguments, sources)
      let stock = StockStore(sources.store)
      let result: StockFile.Result
      do {
        result = try await StockFile(path, stock, provider: provider, product: product)
          .add(who: person.name, skipsBad: arguments.has("--skip-bad"))
      } catch let error as CSVFile.Failure { throw ExitError("\(error); nothing was added", code: 1) }
      let isDone = result.bad.isEmpty || arguments.has("--skip-bad")
      if isDone, let low { try await stock.setLow(low, product: product, provider: provider.id) }
      let free = try await stock.levels(provider: provider.id).first { $0.product == product }?.free ?? 0
      if arguments.has("--json") {
        print(StockText.json(result, product: product, provider: provider.name, free: free))
      } else if isDone {
        print(StockText.added(result, product: product, free: free))
      }
      guard !result.bad.isEmpty else { return }
      let told = result.bad.prefix(StockFile.toldMax).map { "line \($0.line) \($0.why)" }
      let more = result.bad.count > told.count ? ["and \(result.bad.count - told.count) more"] : []
      let end =
        isDone ? "these lines were not added" : "nothing was added; mend them, or add the others with --skip-bad"
      throw ExitError((told + more + [end]).joined(separator: "\n"), code: 1)
    }
  }

  static let list = Command(
    "stock list",
    usage:
      "[PRODUCT] [--provider NAME] [--state free|reserved|given|expired|written_off] [--after ID] [--limit N] [--json]",
    "Lists what each product of a stock has; with --state, the codes of one product, without the codes themselves.",
    grammar: .init(
      values: [providerFlag, "--state", "--after", "--limit"], switches: ["--json"], wordsMax: 1,
      choices: ["--state": StockText.states]),
    settings: OrderCommands.reading, example: "worker stock list pubg-60 --state reserved"
  ) { arguments, settings in
    let state = arguments.value("--state")
    if let state, !StockText.states.contains(state) {
      throw UsageError("--state is \"\(state)\"; it can be \(StockText.states.joined(separator: ", "))")
    }
    if state != nil, arguments.words.isEmpty {
      throw UsageError("PRODUCT is missing: --state lists codes of one product")
    }
    let after = try number("--after", arguments, 0...Int64.max) ?? 0
    let limit = try number("--limit", arguments, 1...10_000) ?? Int64(listedMax)
    try await with(settings) { sources in
      let stock = StockStore(sources.store)
      if let state, let product = arguments.words.first {
        let provider = try await provider(arguments, sources)
        let rows = try await stock.rows(
          product: product, provider: provider.id, state: state, after: after, limit: Int(limit))
        return print(arguments.has("--json") ? StockText.json(rows) : StockText.table(rows, limit: Int(limit)))
      }
      var levels = try await stock.levels()
      if let product = arguments.words.first { levels.removeAll { $0.product != product } }
      if let name = arguments.value(providerFlag) { levels.removeAll { $0.provider != name } }
      if levels.isEmpty, !arguments.words.isEmpty {
        throw ExitError("there is no stock of \(arguments.words[0]); see: worker stock list", code: 1)
      }
      print(arguments.has("--json") ? StockText.json(levels) : StockText.table(levels))
    }
  }

  static let low = Command(
    "stock low", usage: "PRODUCT N|off [--provider NAME] [--json]",
    "Says how few free codes of a product are too few: an alert, the doctor and an operators' event then tell of it.",
    grammar: .init(values: [providerFlag], switches: ["--json"], wordsMax: 2), settings: OrderCommands.reading,
    example: "worker stock low pubg-60 50"
  ) { arguments, settings in
    let product = try product(arguments)
    guard arguments.words.count == 2 else { throw UsageError("N is missing: how few are too few, or off") }
    let low = arguments.words[1] == "off" ? nil : try low(arguments.words[1])
    try await with(settings) { sources in
      let provider = try await provider(arguments, sources)
      try await StockStore(sources.store).setLow(low, product: product, provider: provider.id)
      print(
        arguments.has("--json")
          ? JSONText.object([
            "provider": JSONText.quote(provider.name), "product": JSONText.quote(product), "low": low.map { "\($0)" },
          ])
          : low.map { "fewer than \($0) free codes of \(product) are too few from now on" }
            ?? "nobody is told any more how many codes of \(product) there are")
    }
  }

  // MARK: Arguments

  static func product(_ arguments: Arguments) throws(UsageError) -> String {
    guard let product = arguments.words.first else { throw UsageError("PRODUCT is missing; see: worker stock list") }
    guard (1...100).contains(product.utf8.count), !product.utf8.contains(UInt8(ascii: "{")) else {
      throw UsageError("PRODUCT must be 1 to 100 bytes, without {")
    }
    return product
  }

  private static func low(_ text: String) throws(UsageError) -> Int {
    guard let low = Int(text), (0...1_000_000_000).contains(low) else {
      throw UsageError("the number of codes that is too few (--low) must be a number from 0, and is \"\(text)\"")
    }
    return low
  }

  private static func number(
    _ flag: String, _ arguments: Arguments, _ range: ClosedRange<Int64>
  ) throws(UsageError) -> Int64? {
    guard let text = arguments.value(flag) else { return nil }
    guard let number = Int64(text), range.contains(number) else {
      throw UsageError("\(flag) must be a number from \(range.lowerBound)")
    }
    return number
  }

  /// The stock that is meant: the only one, where none is named.
  @LoopActor
  static func provider(_ arguments: Arguments, _ sources: SupportSources) async throws -> Provider {
    let stocks = try await sources.directory.providers().filter { $0.adapter == StockStore.adapter }
    if let name = arguments.value(providerFlag) {
      guard let stock = stocks.first(where: { $0.name == name }) else {
        throw ExitError("there is no stock named \(name); there is: \(names(stocks))", code: 1)
      }
      return stock
    }
    guard let stock = stocks.first else {
      throw ExitError("there is no stock yet; add one with: dispatcher provider add NAME --adapter stock", code: 1)
    }
    guard stocks.count == 1 else { throw UsageError("\(providerFlag) is missing: which of \(names(stocks))") }
    return stock
  }

  private static func names(_ stocks: [Provider]) -> String {
    stocks.isEmpty ? "none" : stocks.map(\.name).joined(separator: ", ")
  }

  @LoopActor
  static func with(
    _ settings: Settings, needsKey: Bool = false, _ body: @LoopActor (SupportSources) async throws -> Void
  ) async throws {
    // Redis knows nothing of it.
    let frame = try ProcessFrame(program: "worker", settings: settings, key: needsKey ? .needed : .never)
    try await frame.connect(redis: false)
    do { try await body(frame.sources) } catch {
      await frame.close()
      throw error
    }
    await frame.close()
  }
}
