import CommandLine
import EventLoop
import OrderWork
import Orders
import Store

/// `worker order ask`.
enum AskCommand {
  static let command = Command(
    "order ask", usage: "ID [--note TEXT] [--by NAME] [--json] | \(ManyCommand.usage) [--yes]",
    "Has the provider asked about an order now, and of one that ended whether that still holds; at most every"
      + " \(AskNow.pause.inWords).",
    grammar: .init(
      values: ["--note", "--by", ManyCommand.filter], switches: ["--json", Confirmation.flag] + ManyCommand.flags,
      wordsMax: 1),
    settings: OrderCommands.reading + Setting.checks, details: ManyCommand.details,
    example: "worker order ask shop-778"
  ) { arguments, settings in
    let person = try Person(arguments, noteFallback: "asked by hand")
    if try ManyCommand.isWanted(arguments) { return try await ManyCommand.run(.ask, person, arguments, settings) }
    try await OrderCommands.with(arguments, settings) { order, sources in
      let asking = AskNow(store: sources.store, directory: sources.directory, broker: sources.broker)
      switch try await asking.ask(order, for: (person.name, person.note)) {
      case .refused(let why):
        throw ExitError("order \(order.id): there is nothing to ask the provider: \(why)", code: 1)
      case .tooSoon(let wait):
        throw ExitError("order \(order.id) was asked about a moment ago; again in \(wait.inRoughWords)", code: 1)
      case .asked:
        if arguments.has("--json") {
          print(
            JSONText.object([
              "id": JSONText.quote(order.id.description), "status": JSONText.quote(order.status.rawValue),
              "asked": "true",
            ]))
        } else {
          print(
            "the provider is asked about order \(order.id) now; see: worker order why \(order.id)")
        }
      }
    }
  }
}
