/// Splits a command line as a shell would: spaces, single and double quotes, nothing else.
enum Shell {
  struct Unclosed: Error {}

  static func words(_ line: String) throws -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in line {
      if let open = quote {
        if character == open { quote = nil } else { word?.append(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character == " " {
        if let done = word { words.append(done) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    guard quote == nil else { throw Unclosed() }
    return words + (word.map { [$0] } ?? [])
  }
}
