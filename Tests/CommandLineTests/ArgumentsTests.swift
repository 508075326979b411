import CommandLine
import Foundation
import Testing

@Suite struct ArgumentsTests {
  private static let grammar = Arguments.Grammar(
    values: ["--tenant", "--param"], switches: ["--json", "--force"], wordsMax: 2)

  private func parse(_ words: String...) throws -> Arguments { try Arguments(words, grammar: Self.grammar) }

  @Test func wordsValuesAndSwitches() throws {
    let arguments = try parse("one", "--tenant", "shop", "--json", "two", "--param=a=b=c", "--param", "x=-1")
    #expect(arguments.words == ["one", "two"])
    #expect(arguments.value("--tenant") == "shop")
    #expect(arguments.has("--json") && !arguments.has("--force"))
    #expect(arguments.all("--param") == ["a=b=c", "x=-1"])
    #expect(arguments.value("--param") == "x=-1")
    #expect(arguments.value("--other") == nil && arguments.all("--other").isEmpty)
    #expect(try parse("--tenant", "-5").value("--tenant") == "-5")
    #expect(try parse("--tenant=--json").value("--tenant") == "--json")
    #expect(try parse().words.isEmpty)
    // Pasted with what stood around it.
    let pasted = try parse(" one\n", "\u{A0}", "--tenant", "\tshop ")
    #expect(pasted.words == ["one"] && pasted.id("--tenant") == "shop" && pasted.value("--tenant") == "\tshop ")
  }

  @Test(arguments: [
    (["--tenent", "x"], ["unknown flag --tenent; did you mean --tenant?", "takes --json"]),
    (["--tenant"], ["--tenant needs a value"]),
    (["--tenant", "--json"], ["--tenant needs a value"]), (["--json=yes"], ["--json takes no value"]),
    (["a", "b", "c"], ["unexpected argument \"c\""]), (["--"], ["unknown flag --"]),
  ])
  func whatDoesNotBelongIsNamed(_ words: [String], _ texts: [String]) {
    let error = #expect(throws: UsageError.self) { try Arguments(words, grammar: Self.grammar) }
    for text in texts { #expect(error?.description.contains(text) == true, "\(String(describing: error))") }
  }

  @Test func aCommandWithoutFlagsSaysSoPlainly() {
    let error = #expect(throws: UsageError.self) { try Arguments(["--x"], grammar: .init()) }
    #expect(error?.description == "unknown flag --x")
  }

  @Test func requiredFlags() throws {
    #expect(try parse("--tenant", "shop").required("--tenant", "whose order") == "shop")
    for words in [[], ["--tenant="]] {
      let arguments = try Arguments(words, grammar: Self.grammar)
      let error = #expect(throws: UsageError.self) { try arguments.required("--tenant", "whose order") }
      #expect(error?.description == "--tenant is missing: whose order")
    }
  }

  @Test func pairs() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sevk-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("secret").path
    try "top secret\n\n".write(toFile: file, atomically: true, encoding: .utf8)

    let arguments = try parse(
      "--param", "a=1", "--param=b=x=y", "--param", "empty=", "--param", "secret=@\(file)", "--param", "mail=a@b")
    #expect(
      try arguments.pairs("--param")
        == ["a": "1", "b": "x=y", "empty": "", "secret": "top secret", "mail": "a@b"])
    #expect(try parse().pairs("--param").isEmpty)
    // What can only be a path is named, with the cause.
    let folderPath = folder.path
    for (path, reason) in [(folderPath, "is a directory"), (folderPath + "/missing", "no such file or directory")] {
      let error = #expect(throws: UsageError.self) { try parse("--param", "a=@\(path)").pairs("--param") }
      #expect(error?.description == "--param a: \(path): \(reason)")
    }
  }

  @Test(arguments: [
    (["--param", "nothing"], "--param takes NAME=VALUE"), (["--param", "=x"], "--param takes NAME=VALUE"),
    (["--param", "a=1", "--param", "a=2"], "--param a is given twice"),
    (["--param", "a=@/nonexistent/file"], "--param a: what follows the @ is not a file"),
  ])
  func wrongPairs(_ words: [String], _ text: String) throws {
    let arguments = try Arguments(words, grammar: Self.grammar)
    let error = #expect(throws: UsageError.self) { try arguments.pairs("--param") }
    #expect(error?.description.hasPrefix(text) == true, "\(String(describing: error))")
  }
}
