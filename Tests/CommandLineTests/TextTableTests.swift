import CommandLine
import Testing

@Suite struct TextTableTests {
  private static let terminal = TextOutput(isTerminal: true)

  @Test(arguments: [
    ("abc", 3), ("", 0), ("ğüşİıöç", 7), ("g\u{306}", 1), ("中文", 4), ("ﾊﾝ", 2), ("한글", 4),
    ("\u{1112}\u{1161}\u{11AB}", 2), ("مرحبا", 5), ("مُحَمَّد", 4), ("שלום", 4), ("🙂", 2), ("👍🏽", 2), ("👨‍👩‍👧‍👦", 2),
    ("🇹🇷", 2), ("❤️", 2), ("❤\u{FE0E}", 1), ("✔", 1), ("⌚", 2), ("Ａ", 2), ("“Onaylandı”", 11), ("e\u{301}\u{302}", 1),
    ("a\u{200B}b", 2), ("₺", 1), ("…", 1),
  ])
  func widthIsThatOfATerminal(_ text: String, _ width: Int) { #expect(DisplayWidth.of(text) == width) }

  @Test func columnsAlignWhateverIsInThem() {
    var table = TextTable([.init("NAME"), .init("COUNT", isRight: true), .init("NOTE")])
    for (name, count) in [("ascii", "1"), ("ğüş", "22"), ("中文", "3"), ("👨‍👩‍👧‍👦🇹🇷", "4"), ("محمد", "5"), ("g\u{306}", "6")] {
      table.add([name, count, "x"])
    }
    let lines = table.lines(on: .plain)
    #expect(lines.count == 7)
    for line in lines.dropFirst() {
      let before = line.dropLast()
      #expect(DisplayWidth.of(before) == 5 + 2 + 5 + 2, "\(line)")
    }
    #expect(lines[0] == "NAME   COUNT  NOTE" && lines[1] == "ascii      1  x")
  }

  @Test func textFromTheRightIsIsolatedOnATerminalOnly() {
    var table = TextTable([.init(), .init()])
    table.add(["محمد", "5"])
    table.add(["ali", "6"])
    #expect(table.lines(on: Self.terminal) == ["\u{2068}محمد\u{2069}  5", "ali   6"])
    #expect(table.lines(on: .plain) == ["محمد  5", "ali   6"])
  }

  @Test func nothingFromOutsideControlsTheTerminal() {
    var table = TextTable([.init(), .init()])
    table.add(["a\u{1B}[31mred\n\t\r\u{7F}\u{85}", "\u{202E}iddenö"])
    let line = table.text(on: Self.terminal)
    #expect(line == "a␛[31mred␊␉␍␡<U+0085>  <U+202E>iddenö")
    #expect(FieldList.text([("name", "x\u{7}"), ("none", nil)], on: .plain) == "name  x␇")
  }

  @Test(arguments: [("abcdef", 4, "abc…"), ("abcd", 4, "abcd"), ("中文字", 4, "中…"), ("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 3, "👨‍👩‍👧‍👦…"), ("abc", 0, "")])
  func cutsBetweenCharacters(_ text: String, _ width: Int, _ wanted: String) {
    #expect(ShownText.cut(text, to: width) == wanted)
    #expect(DisplayWidth.of(ShownText.cut(text, to: width)) <= width)
  }

  @Test func linesFitTheWidth() {
    var table = TextTable([.init("A"), .init("B", isRight: true), .init("C")])
    table.add(["文文文文", "12345", "🙂🙂🙂🙂🙂"])
    for width in 1...30 {
      for line in table.lines(width: width, on: Self.terminal) { #expect(DisplayWidth.of(line) <= width, "\(width)") }
    }
  }

  @Test(arguments: [
    ("--stauts", "--status"), ("--statu", "--status"), ("--limt", "--limit"), ("--sta", "--status"), ("--xyzzy", nil),
  ])
  func guessesTheFlagThatWasMeant(_ word: String, _ wanted: String?) {
    #expect(Nearest.of(word, among: ["--status", "--limit", "--json", "--yes"]) == wanted)
  }

  @Test func wordsAreQuotedForAShell() {
    #expect(ShellWord.quoted("pubg-60") == "pubg-60")
    #expect(ShellWord.quoted("it's 60 $UC") == "'it'\\''s 60 $UC'" && ShellWord.quoted("") == "''")
  }
}
