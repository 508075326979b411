import Orders

/// A parsed command line: words that name the command, flags with values, and flags without.
public struct Arguments: Sendable {
  /// What a command accepts.
  public struct Grammar: Sendable {
    /// Flags that take a value, such as `--tenant NAME` or `--tenant=NAME`.
    public var values: [String]
    /// Of these, the ones that can also be given without: then the command sees them as switches.
    public var valuesOptional: Set<String> = []
    /// Flags that take none.
    public var switches: [String]
    /// Most words after the command.
    public var wordsMax: Int
    /// The values that a flag can have, where they are a fixed set: for help and completion.
    public var choices: [String: [String]]
    /// The words after the command, where they are a fixed set.
    public var wordChoices: [String]
    public init(
      values: [String] = [], valuesOptional: Set<String> = [], switches: [String] = [], wordsMax: Int = 0,
      choices: [String: [String]] = [:], wordChoices: [String] = []
    ) {
      self.values = values
      self.valuesOptional = valuesOptional
      self.switches = switches
      self.wordsMax = wordsMax
      self.choices = choices
      self.wordChoices = wordChoices
    }

    func takes(_ flag: some StringProtocol) -> Bool { (values + switches).contains { $0 == flag } }
  }

  /// The program and the command's name, as they are typed: for texts that say how to go on.
  public internal(set) var command = ""
  public let words: [String]
  private let values: [String: [String]]
  private let switches: Set<String>

  /// - Throws: ``UsageError`` that names the flag or word that does not belong.
  public init(_ arguments: some Sequence<String>, grammar: Grammar) throws(UsageError) {
    var words: [String] = []
    var values: [String: [String]] = [:]
    var switches: Set<String> = []
    var rest = Array(arguments)[...]
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("--") else {
        // Ids are pasted, and with them what stood around them.
        let word = OddCharacter.trimmed(argument)
        if word.isEmpty { continue }
        guard words.count < grammar.wordsMax else { throw UsageError("unexpected argument \"\(argument)\"") }
        words.append(word)
        continue
      }
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let flag = String(parts[0])
      if grammar.switches.contains(flag) {
        guard parts.count == 1 else { throw UsageError("\(flag) takes no value") }
        switches.insert(flag)
      } else if grammar.values.contains(flag) {
        if parts.count == 2 {
          values[flag, default: []].append(String(parts[1]))
        } else if let value = rest.first, !value.hasPrefix("--") {
          rest.removeFirst()
          values[flag, default: []].append(value)
        } else if grammar.valuesOptional.contains(flag) {
          switches.insert(flag)
        } else {
          throw UsageError("\(flag) needs a value")
        }
      } else {
        throw Self.unknown(flag, grammar)
      }
    }
    self.words = words
    self.values = values
    self.switches = switches
  }

  /// Most flags that an error names beside the one that was meant, perhaps; `--help` has all.
  private static let namedMax = 5

  private static func unknown(_ flag: String, _ grammar: Grammar) -> UsageError {
    // The command's own stand before the settings.
    let known = grammar.switches + grammar.values
    let guess = Nearest.of(flag, among: known)
    let others = known.filter { $0 != guess }
    var text = "unknown flag \(flag)"
    if let guess { text += "; did you mean \(guess)?" }
    if !others.isEmpty {
      text += guess == nil ? "; this command takes " : " The command also takes "
      text += others.prefix(namedMax).joined(separator: ", ")
      if others.count > namedMax { text += ", …; see --help" }
    }
    return UsageError(text)
  }

  /// The last value given for a flag.
  public func value(_ flag: String) -> String? { values[flag]?.last }
  /// The last value given for a flag that names a thing, without the blanks that were pasted with it.
  public func id(_ flag: String) -> String? { value(flag).map { OddCharacter.trimmed($0) } }

  /// Every value given for a repeatable flag.
  public func all(_ flag: String) -> [String] { values[flag] ?? [] }
  public func has(_ flag: String) -> Bool { switches.contains(flag) }

  /// The value of a flag that the command can't do without.
  public func required(_ flag: String, _ meaning: String) throws(UsageError) -> String {
    guard let value = value(flag), !value.isEmpty else { throw UsageError("\(flag) is missing: \(meaning)") }
    return value
  }

  /// `K=V` values of a repeatable flag; `K=@FILE` reads the value from a file, without a byte order mark
  /// before it and line ends behind it. A character that can't be seen is refused.
  public func pairs(_ flag: String) throws(UsageError) -> [String: String] {
    var pairs: [String: String] = [:]
    for text in all(flag) {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        // Not repeated: it may be the value alone.
        throw UsageError("\(flag) takes NAME=VALUE, or NAME=@FILE")
      }
      guard pairs[String(parts[0])] == nil else { throw UsageError("\(flag) \(parts[0]) is given twice") }
      if parts[1].hasPrefix("@") {
        pairs[String(parts[0])] = try readFile(parts[1].dropFirst(), "\(flag) \(parts[0])")
      } else {
        try SecretText.requireSeen(String(parts[1]), "\(flag) \(parts[0])")
        pairs[String(parts[0])] = String(parts[1])
      }
    }
    return pairs
  }

  private func readFile(_ path: Substring, _ flag: String) throws(UsageError) -> String {
    guard let text = readTextFile(String(path)) else {
      let trouble = FileTrouble(String(path))
      // Not repeated unless it can only be a path: a password may begin with an @.
      throw UsageError(
        trouble.isPath
          ? "\(flag): \(path): \(trouble.reason)" : "\(flag): what follows the @ is not a file: \(trouble.reason)")
    }
    return try SecretText.read(text, "\(flag): \(path)")
  }
}
