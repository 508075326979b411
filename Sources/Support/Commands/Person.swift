public import CommandLine
import Glibc
import Store

/// Who is at the keyboard, why they act, and whether they mean it.
public struct Person: Sendable {
  public let name: String
  public let note: String

  /// - Parameter noteFallback: for actions that explain themselves; nil where a note must be given.
  public init(_ arguments: Arguments, noteFallback: String? = nil) throws(UsageError) {
    name = try Self.name(arguments.value("--by"))
    guard let text = arguments.value("--note") ?? noteFallback, text.contains(where: { !$0.isWhitespace }) else {
      throw UsageError("--note is missing: why, for whoever reads this order's story later")
    }
    guard text.unicodeScalars.count <= PersonMove.noteCharactersMax else {
      throw UsageError("--note is longer than \(PersonMove.noteCharactersMax) characters")
    }
    note = text
  }

  /// Who acts: as given, else who is logged in.
  static func name(_ given: String?) throws(UsageError) -> String {
    if let given {
      guard given.contains(where: { !$0.isWhitespace }), given.unicodeScalars.count <= PersonMove.whoCharactersMax
      else { throw UsageError("--by must be a name of 1 to \(PersonMove.whoCharactersMax) characters") }
      return given
    }
    // Under sudo, the one who asked and not the account that acts.
    let user = ["SUDO_USER", "USER"].lazy.compactMap { Settings.ofProcess($0) }.first { !$0.isEmpty }
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    let hostName = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "\(user ?? "uid \(getuid())")@\(hostName)"
  }
}

/// Nothing that costs money or can't be undone happens without a yes.
public enum Confirmation {
  public static let flag = "--yes"
  /// Answers for scripts that a send which the provider accepted is to be sent again.
  static let despiteAcceptance = "--despite-acceptance"

  /// Shows what will happen, and asks on a terminal. `--yes` answers for scripts.
  ///
  /// - Parameter despiteAcceptance: the reference of a send that its provider accepted, where the choice speaks against
  ///   that: then it has to be typed, and scripts need ``despiteAcceptance`` as well.
  /// - Throws: ``UsageError`` without a terminal and without `--yes`; ``ExitError`` when the answer is another.
  public static func ask(_ text: String, despiteAcceptance reference: String? = nil, _ arguments: Arguments) throws {
    // Whoever reads JSON gets nothing else on the standard output.
    if arguments.has("--json") { line(text, to: 2) } else { print(text) }
    let isAnswered = reference == nil || arguments.has(despiteAcceptance)
    if arguments.has(flag), isAnswered { return }
    guard isatty(0) == 1, !arguments.has(flag) else {
      guard isAnswered else {
        throw UsageError(
          "nothing was changed: the provider accepted this send; if it was cancelled there, add \(flag)"
            + " \(despiteAcceptance)")
      }
      throw UsageError("nothing was changed: this needs a confirmation; without a terminal, add \(flag)")
    }
    let wanted = reference ?? "yes"
    line(
      reference.map { "Type the reference \($0) to go on: " } ?? "Type yes to go on: ",
      to: arguments.has("--json") ? 2 : 1, terminator: "")
    guard readLine()?.lowercased() == wanted.lowercased() else { throw ExitError("nothing was changed", code: 1) }
  }

  private static func line(_ text: String, to descriptor: Int32, terminator: String = "\n") {
    fflush(nil)
    var line = text + terminator
    _ = line.withUTF8 { write(descriptor, $0.baseAddress, $0.count) }
  }
}
