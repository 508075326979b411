import CommandLine
import Store

/// What has to change so that the set-up is as a file wants it.
struct SetupPlan {
  enum Act: String, Sendable { case add, change, remove }

  /// What of one thing becomes what; nil: there is none.
  struct Difference: Sendable, Equatable {
    let name: String
    let from: SetupValue?
    let to: SetupValue?
    /// Of a credential: that it changes, and never what it is.
    var isSecret = false
  }

  struct Change: Sendable {
    let act: Act
    let thing: SetupThing
    let differences: [Difference]

    /// A line for it and one for each thing that differs in it, without any secret.
    var lines: [String] {
      let sign = act == .add ? "+" : act == .remove ? "-" : "~"
      return ["\(sign) \(thing.title)"]
        + differences.map { difference in
          let words: String
          switch (difference.isSecret, difference.from, difference.to) {
          case (true, _, _): words = "changed"
          case (_, nil, let to?): words = to.shown
          case (_, let from?, nil): words = "\(from.shown) -> (none)"
          case (_, let from, let to): words = "\(from?.shown ?? "") -> \(to?.shown ?? "")"
          }
          return "    \(difference.name): \(words)"
        }
    }
  }

  /// A secret that is made with the change, and shown once.
  struct Made: Sendable {
    let thing: SetupThing
    let secret: String
  }

  /// In the order in which they are done.
  private(set) var changes: [Change] = []
  private(set) var steps: [SetupStep] = []
  private(set) var made: [Made] = []
  /// In the database and not in the file; they stay.
  var left: [SetupThing] = []
  /// What may not be, each in a sentence. Nothing is done then.
  var refused: [String] = []
  var notes: [String] = []
  let stamp: String

  init(stamp: String, notes: [String]) {
    self.stamp = stamp
    self.notes = notes
  }

  /// That a thing is added, with all that it has.
  static func addition(_ thing: SetupThing) -> Change {
    Change(
      act: .add, thing: thing, differences: thing.fields.map { Difference(name: $0.name, from: nil, to: $0.value) })
  }

  mutating func add(_ thing: SetupThing, _ step: SetupStep..., secret: String? = nil) {
    changes.append(Self.addition(thing))
    steps += step
    if let secret { made.append(Made(thing: thing, secret: secret)) }
  }

  mutating func change(_ thing: SetupThing, _ differences: [Difference], _ step: SetupStep) {
    changes.append(Change(act: .change, thing: thing, differences: differences))
    steps.append(step)
  }

  mutating func remove(_ thing: SetupThing, _ step: SetupStep) {
    changes.append(Change(act: .remove, thing: thing, differences: []))
    steps.append(step)
  }

  /// What differs between the two, in the order of the file's members.
  static func differences(_ old: SetupThing, _ new: SetupThing) -> [Difference] {
    let names =
      new.fields.map(\.name) + old.fields.map(\.name).filter { name in !new.fields.contains { $0.name == name } }
    return names.compactMap { name in
      let from = old.fields.first { $0.name == name }?.value
      let to = new.fields.first { $0.name == name }?.value
      return from == to ? nil : Difference(name: name, from: from, to: to)
    }
  }

  /// What differs between a provider and what it is to be; of a credential that it does, and not what it is.
  static func differences(
    _ known: Provider, _ oldTerms: ProviderTerms, _ new: Setup.NewProvider, _ terms: ProviderTerms
  ) -> [Difference] {
    var differences = differences(
      SetupThing.provider(SetupSnapshot.asNew(known), oldTerms), SetupThing.provider(new, terms))
    let names = Set(known.credentials.keys).union(new.credentials.keys).sorted()
    for name in names where known.credentials[name] != new.credentials[name] {
      differences.append(.init(name: "credential \(name)", from: nil, to: nil, isSecret: true))
    }
    return differences
  }

  // MARK: Shown

  /// A line for each change and each thing that differs in it, without any secret.
  var lines: [String] { changes.flatMap(\.lines) }

  /// The whole for people.
  var text: String {
    var lines = lines.map { ShownText.visible($0) }
    for thing in left {
      lines.append("? \(ShownText.visible(thing.title)) is not in the file and stays; --prune removes it")
    }
    for note in notes { lines.append("  note: \(note)") }
    for sentence in refused { lines.append("! \(sentence)") }
    if changes.isEmpty, refused.isEmpty { lines.append("nothing to change") }
    return lines.joined(separator: "\n")
  }

  func json(isApplied: Bool, secrets: Bool) -> String {
    func key(_ thing: SetupThing) -> String {
      "{" + thing.key.map { "\(JSONText.quote($0.name)):\($0.value.json)" }.joined(separator: ",") + "}"
    }
    return JSONText.object([
      "changes": JSONText.array(
        changes.map { change in
          JSONText.object([
            "do": JSONText.quote(change.act.rawValue), "kind": JSONText.quote(change.thing.kind.rawValue),
            "key": key(change.thing),
            "differences": JSONText.array(
              change.differences.map {
                JSONText.object([
                  "name": JSONText.quote($0.name), "from": $0.isSecret ? nil : $0.from?.json,
                  "to": $0.isSecret ? nil : $0.to?.json,
                ])
              }),
          ])
        }),
      "left": JSONText.array(
        left.map { JSONText.object(["kind": JSONText.quote($0.kind.rawValue), "key": key($0)]) }),
      "refused": JSONText.array(refused.map { JSONText.quote($0) }),
      "notes": JSONText.array(notes.map { JSONText.quote($0) }), "applied": "\(isApplied)",
      "made": secrets
        ? JSONText.array(
          made.map {
            JSONText.object([
              "kind": JSONText.quote($0.thing.kind.rawValue), "key": key($0.thing), "secret": JSONText.quote($0.secret),
            ])
          }) : nil,
    ])
  }
}
