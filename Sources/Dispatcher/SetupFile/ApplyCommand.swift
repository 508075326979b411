import CommandLine
import EventLoop
import Glibc
import Process
import ProviderGate
import Store
import Support

/// `dispatcher apply`.
enum ApplyCommand {
  private static let changesCode: Int32 = 2

  static let command = Command(
    "apply",
    usage: "FILE [--dry-run] [--prune] [--secrets FILE] [--by NAME] [--note TEXT] [--yes] [--json]",
    "Makes the set-up what a file says (dispatcher export --setup writes one), in one transaction: shows what changes, and asks."
      + " With --dry-run it only shows, and ends with 2 where something would change. What is not in the file stays, unless"
      + " --prune is given. Tokens and secrets of endpoints that are made are printed once, or written to --secrets.",
    grammar: .init(
      values: ["--secrets", "--by", "--note"], switches: ["--dry-run", "--prune", "--yes", "--json"], wordsMax: 1),
    settings: SetupCommands.sealing + [.providerPrivateHosts],
    details: [
      "FILE is JSON (.json) or YAML (.yaml, .yml); - is the standard input. Sections: tenants, providers, routes, tokens,",
      "endpoints; one that the file lacks is left alone. The members are called as the flags of the single commands.",
      "A credential is {\"env\": \"VARIABLE\"} or {\"file\": \"/path\"}, never the secret itself.",
    ],
    example: "dispatcher apply setup.yaml --dry-run"
  ) { arguments, settings in
    let name = try arguments.word("FILE")
    let document = try SetupDocument.read(name)
    let addresses = try settings.providerAddresses()
    let person = try Person(arguments, noteFallback: "dispatcher apply")
    try await SetupCommands.withSetup(settings, key: .needed) { setup, directory in
      let snapshot = try await setup.snapshot(directory)
      let file: SetupFile
      do throws(UsageError) {
        file = try SetupFile(document, snapshot, addresses) { settings.variable($0) }
      } catch {
        throw UsageError("\(name): \(error.description)")
      }
      let plan = try await SetupPlanner(
        setup: setup, snapshot: snapshot, file: file, isPruning: arguments.has("--prune")
      ).plan()
      guard plan.refused.isEmpty else {
        print(arguments.has("--json") ? plan.json(isApplied: false, secrets: false) : plan.text)
        throw ExitError("nothing was changed: \(plan.refused.joined(separator: "; "))", code: 1)
      }
      if plan.changes.isEmpty || arguments.has("--dry-run") {
        print(arguments.has("--json") ? plan.json(isApplied: false, secrets: false) : plan.text)
        if plan.changes.isEmpty { return }
        throw ExitError("", code: changesCode)
      }
      try Confirmation.ask(plan.text, arguments)
      let secrets = try arguments.value("--secrets").flatMap { plan.made.isEmpty ? nil : $0 }
        .map { (path) throws(UsageError) in try SecretsFile(path) }
      try secrets?.write(plan.made)
      switch try await setup.apply(
        plan.steps, seen: plan.stamp, by: person.name, as: "apply", lines: ["note: \(person.note)"] + plan.lines)
      {
      case .done: break
      case .outdated:
        secrets?.remove()
        throw ExitError(
          "nothing was changed: somebody else has just changed the set-up; look at it and apply again", code: 1)
      case .refused(let why):
        secrets?.remove()
        throw ExitError("nothing was changed: \(why)", code: 1)
      }
      show(plan, secrets, isJSON: arguments.has("--json"))
    }
  }

  private static func show(_ plan: SetupPlan, _ secrets: SecretsFile?, isJSON: Bool) {
    if isJSON { return print(plan.json(isApplied: true, secrets: secrets == nil)) }
    print("applied \(plan.changes.count) change\(plan.changes.count == 1 ? "" : "s")")
    if let secrets { return print("the secrets that were made are in \(secrets.path)") }
    for made in plan.made { print("\(made.thing.title): \(made.secret)") }
  }
}

/// A new file that only its owner can read.
struct SecretsFile {
  let path: String
  private let descriptor: Int32

  /// - Throws: ``UsageError`` where it can't be made, or is there already.
  init(_ path: String) throws(UsageError) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    self.path = path
    guard descriptor >= 0 else {
      throw UsageError("--secrets \(path): \(String(cString: strerror(errno)).lowercased()); nothing was changed")
    }
  }

  /// Before they count, so that none is lost.
  func write(_ made: [SetupPlan.Made]) throws(UsageError) {
    let bytes = Array(made.map { "\($0.thing.title): \($0.secret)\n" }.joined().utf8)
    let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    guard written == bytes.count, fsync(descriptor) == 0, close(descriptor) == 0 else {
      remove()
      throw UsageError("--secrets \(path) can't be written; nothing was changed")
    }
  }

  func remove() { unlink(path) }
}
