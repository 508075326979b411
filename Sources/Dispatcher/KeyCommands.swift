import Cipher
import CommandLine
import EventLoop
import Glibc
import Process
import Store

/// `dispatcher key status|rotate|reseal`: the way from one secret key to the next, while everything runs.
enum KeyCommands {
  static let status = Command(
    "key status", usage: "[--json]",
    "Shows the secret keys that the database knows, by their fingerprints, how much each has sealed, which processes have"
      + " which, and what is next.",
    grammar: .init(switches: ["--json"]), settings: SetupCommands.sealing, example: "dispatcher key status"
  ) { arguments, settings in
    try await with(settings, key: .ifGiven) { store, keys in
      let report = try await KeyReport.read(store, given: keys)
      print(arguments.has("--json") ? report.json : report.text)
    }
  }

  static let rotate = Command(
    "key rotate", usage: "--new >FILE | [--lost ID --yes] | --drop ID >FILE",
    "Goes from one secret key to the next: --new makes a key and prints the line for /etc/sevk/secret-key.env; without a flag"
      + " the last key of SEVK_SECRET_KEY seals from then on, if every process has it; --drop prints the line without a key"
      + " that nothing is sealed with any more.",
    grammar: .init(values: ["--drop", "--lost"], switches: ["--new", "--yes"]), settings: SetupCommands.sealing,
    details: [
      "--new   behind the keys that there are, so that processes restarted with it read both and go on sealing with the old one",
      "--lost  the active key is gone for good: what it sealed can't be read any more, and the last key of SEVK_SECRET_KEY seals",
      "--drop  refused while anything is sealed with the key, or a process that runs seals with it",
    ],
    example: "dispatcher key rotate --new"
  ) { arguments, settings in
    let kinds = [arguments.has("--new"), arguments.value("--drop") != nil, arguments.value("--lost") != nil]
    guard kinds.count(where: { $0 }) <= 1 else { throw UsageError("give one of --new, --drop and --lost") }
    let text = try settings.secret(.secretKey)
    if arguments.has("--new") { return try await makeNew(text, settings) }
    if let id = arguments.value("--drop") { return try await drop(id, text, settings) }
    try await activate(lost: arguments.value("--lost"), isSure: arguments.has("--yes"), settings)
  }

  static let reseal = Command(
    "key reseal", usage: "[--rate 2000/s]",
    "Seals everything with the active key, while everything else goes on; what was stopped goes on where it was.",
    grammar: .init(values: ["--rate"]), settings: SetupCommands.sealing, example: "dispatcher key reseal --rate 500/s"
  ) { arguments, settings in
    var rate = rateUsual
    if let text = arguments.value("--rate") {
      guard text.hasSuffix("/s"), let number = Int(text.dropLast(2)), (1...1_000_000).contains(number) else {
        throw UsageError("--rate is \"\(text)\", but must be such as 500/s")
      }
      rate = number
    }
    let wanted = rate
    try await with(settings, key: .needed) { store, keys in
      var report = try await KeyReport.read(store, given: keys)
      // Right after `key rotate` they are about to follow.
      let deadline = ContinuousClock.now + followLimit
      while report.active != nil, !report.others.isEmpty, ContinuousClock.now < deadline {
        say("waiting for \(report.others.joined(separator: ", ")) to seal with \(report.active ?? "")")
        try await EventLoop.sleep(for: .seconds(2))
        report = try await KeyReport.read(store, given: keys)
      }
      guard let active = report.active else { throw UsageError("no key is active yet: start a process first") }
      guard report.others.isEmpty else {
        throw ExitError(
          "these still seal with another key; restart them with the SEVK_SECRET_KEY of now, then again: "
            + report.others.joined(separator: ", "), code: 1)
      }
      let all = report.counts.reduce(0) { $0 + $1.byKey.filter { $0.key != active }.values.reduce(0, +) }
      say("\(all) to seal with \(active)")
      let progress = Telling()
      let done = try await Resealer(store).reseal(rate: wanted) { place, count in
        progress.tell("sealed \(count) of \(all); at \(place.meaning)")
      }
      print("sealed \(done.resealed) with \(active)")
      for order in done.sharedPins {
        print("order \(order) has the PIN of another order, which two keys hid: ask the provider for another PIN")
      }
      guard done.unreadable.isEmpty else {
        let lines = done.unreadable.sorted { $0.key < $1.key }.map { "  \($0.value) of \($0.key)" }
        throw ExitError("these can't be read and stay as they are:\n" + lines.joined(separator: "\n"), code: 1)
      }
      for key in report.keys where key.state == .old {
        print("next, when the backups of before are of no use any more: dispatcher key rotate --drop \(key.id) >FILE")
      }
    }
  }

  private static let rateUsual = 2000
  /// Processes look at the keys every few seconds; one that was killed is forgotten after a minute.
  private static let followLimit = Duration.seconds(20)

  // MARK: Steps

  @LoopActor
  private static func makeNew(_ text: String, _ settings: Settings) async throws {
    try refuseTerminal()
    try await with(settings, key: .needed) { _, keys in
      guard keys.count < keysMax else {
        throw UsageError("SEVK_SECRET_KEY has \(keys.count) keys already: go on with one of them, or drop some first")
      }
      let line = "\(trimmed(text)),\(Base64.encode(RandomBytes.make(32)))"
      let id = try Vault(keys: line).keyIDs.last ?? ""
      try put(line)
      say(
        "made the key \(id). Next: give every server this file, restart every process with it (one after the other), then:"
          + " dispatcher key rotate")
    }
  }

  @LoopActor
  private static func activate(lost: String?, isSure: Bool, _ settings: Settings) async throws {
    try await with(settings, key: .needed, meets: lost == nil) { store, keys in
      let book = KeyBook(store)
      let known = try await book.keys()
      let active = known.first { $0.state == .active }?.id
      let id = keys.last ?? ""
      let holders = try await book.holders()
      if let lost {
        guard lost == active else {
          throw UsageError("--lost \(lost) is not the active key; see: dispatcher key status")
        }
        let having = holders.filter { $0.keys.contains(lost) }.map(\.process)
        guard having.isEmpty, !keys.contains(lost) else {
          throw UsageError(
            "--lost \(lost): it is not lost, "
              + (keys.contains(lost) ? "SEVK_SECRET_KEY has it" : "these have it: \(having.joined(separator: ", "))"))
        }
        guard isSure else {
          throw UsageError(
            "nothing was changed: what \(lost) sealed (PINs, passwords, secrets of endpoints, codes in stock) can't be read any"
              + " more by anybody without it; if it is gone for good, add --yes")
        }
      }
      guard id != active else {
        throw UsageError(
          "\(id), the last key of SEVK_SECRET_KEY, is active already; for another one: dispatcher key rotate --new >FILE"
        )
      }
      if let state = known.first(where: { $0.id == id })?.state, state == .dropped || state == .lost {
        throw UsageError("\(id), the last key of SEVK_SECRET_KEY, was given up before; make another one")
      }
      let without = holders.filter { !$0.keys.contains(id) }.map(\.process)
      guard without.isEmpty else {
        throw ExitError(
          "nothing was changed: these do not have the key \(id) yet; restart them with the new SEVK_SECRET_KEY, or wait a"
            + " minute if they were killed: \(without.joined(separator: ", "))", code: 1)
      }
      guard try await book.activate(id, lost: lost != nil) else {
        throw ExitError(
          "nothing was changed: a process without the key \(id) has just started; see: dispatcher key status", code: 1)
      }
      print(
        "\(id) seals from now on, within some seconds in each of "
          + (holders.isEmpty ? "the processes" : "\(holders.count) processes")
          + (lost.map {
            "; \($0) is lost: give the providers' credentials anew (dispatcher provider set), and rotate the secrets of endpoints"
          }
            ?? "; next: dispatcher key reseal"))
    }
  }

  @LoopActor
  private static func drop(_ id: String, _ text: String, _ settings: Settings) async throws {
    try refuseTerminal()
    try await with(settings, key: .needed) { store, keys in
      let report = try await KeyReport.read(store, given: keys)
      guard report.keys.contains(where: { $0.id == id }) || keys.contains(id) else {
        throw UsageError("--drop \(id): there is no such key; see: dispatcher key status")
      }
      guard id != report.active else {
        throw UsageError(
          "--drop \(id): it is the active one; first another one has to be: dispatcher key rotate --new >FILE")
      }
      let sealed = report.counts.compactMap { place, byKey in byKey[id].map { "\($0) \(place.meaning)" } }
      guard sealed.isEmpty else {
        throw ExitError(
          "nothing was changed: \(id) has sealed \(sealed.joined(separator: ", ")); first: dispatcher key reseal",
          code: 1)
      }
      let places = try await Resealer(store).places(sealedBy: id)
      guard places.isEmpty else {
        throw ExitError(
          "nothing was changed: \(id) has sealed some of \(places.map(\.meaning).joined(separator: ", ")); first:"
            + " dispatcher key reseal", code: 1)
      }
      if report.keys.contains(where: { $0.id == id }) {
        guard try await KeyBook(store).drop(id) else {
          throw ExitError("nothing was changed: a process still seals with \(id); see: dispatcher key status", code: 1)
        }
      }
      let parts = trimmed(text).split(separator: ",").map { trimmed(String($0)) }
      try put(zip(parts, keys).filter { $1 != id }.map(\.0).joined(separator: ","))
      say("dropped \(id). Next: give every server this file; processes take it when they are restarted")
    }
  }

  private static let keysMax = 8

  // MARK: Output

  private static func trimmed(_ text: String) -> String {
    String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }

  private static func refuseTerminal() throws {
    guard isatty(1) == 0 else {
      throw UsageError(
        "it prints the secret keys, which are nobody's to see: send the standard output to a file (umask 077)")
    }
  }

  /// Nothing is changed by whoever could not keep the key.
  private static func put(_ keys: String) throws {
    var line = Array("SEVK_SECRET_KEY=\(keys)\n".utf8)
    while !line.isEmpty {
      let count = write(1, line, line.count)
      guard count > 0 else { throw ExitError("the key could not be written, and nothing was changed", code: 69) }
      line.removeFirst(count)
    }
  }

  private static func say(_ text: String) { StandardError.shared.write("\(text)\n") }

  /// A line now and then, on the standard error.
  @LoopActor
  private final class Telling {
    private var toldAt = ContinuousClock.now
    func tell(_ text: String) {
      guard ContinuousClock.now - toldAt >= .seconds(2) else { return }
      toldAt = .now
      say(text)
    }
  }

  /// - Parameter meets: false goes on although the active key is another one.
  @LoopActor
  private static func with(
    _ settings: Settings, key: ProcessFrame.KeyNeed, meets: Bool = true,
    _ body: @LoopActor (Store, _ keys: [String]) async throws -> Void
  ) async throws {
    let frame = try ProcessFrame(program: "dispatcher", settings: settings, key: key)
    do {
      try await frame.connect(redis: false, meetsKeys: meets && key == .needed)
      try await body(frame.store, frame.store.keyIDs)
    } catch {
      throw ServerTrouble.ofRights(error)
    }
    await frame.close()
  }
}
