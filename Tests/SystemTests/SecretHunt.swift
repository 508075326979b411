import Foundation
import Glibc

/// A secret of a test: two random words with everything between them that escaping changes. The words stay as they are in
/// any escaping, so whoever looks for them finds it; base64 and hexadecimal are looked for beside. No hexadecimal digits
/// make a word: megabytes of sealed bytes, printed so, would have six of them in a row by chance.
struct TestSecret: Sendable {
  let name: String
  let text: String
  private let words: [String]
  /// Of a word, as many characters are a leak.
  private static let leakCharacters = 6

  init(_ name: String, between: String = "ş&+ \"'%/ğ") {
    self.name = name
    words = (0..<2).map { _ in
      String((0..<5).flatMap { _ in ["ghjkmnpqrstuvwxyz".randomElement()!, "0123456789".randomElement()!] })
    }
    text = words.joined(separator: between)
  }

  /// A secret that somebody else made.
  init(_ name: String, text: String) {
    (self.name, self.text) = (name, text)
    let runs = text.split { !$0.isLetter && !$0.isNumber }.sorted { $0.count > $1.count }
    words = runs.filter { $0.count >= Self.leakCharacters }.map { String($0) }
  }

  /// Percent-encoded, as a URL has it.
  var encoded: String {
    text.addingPercentEncoding(
      withAllowedCharacters: CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"))!
  }

  /// The least that is a leak.
  var beginning: String { words.first.map(Self.leak) ?? "" }

  /// One that somebody else made may begin as a dump of bytes has it by chance.
  private static func leak(of word: String) -> String {
    let least = String(word.prefix(leakCharacters))
    return least.allSatisfy(\.isHexDigit) ? String(word.prefix(2 * leakCharacters)) : least
  }

  /// What a leak of it contains.
  var traces: [Data] {
    var traces = words.map { Data(Self.leak(of: $0).utf8) }
    for part in [text] + words {
      let bytes = Data(part.utf8)
      for digits in ["%02x", "%02X"] { traces.append(Data(bytes.map { String(format: digits, $0) }.joined().utf8)) }
      for shift in 0..<3 {
        // What stands before and after it changes the characters at the ends.
        let base64 = (Data(count: shift) + bytes).base64EncodedString().filter { $0 != "=" }
        let middle = base64.dropFirst(shift == 0 ? 0 : shift + 1).dropLast(2)
        traces.append(Data(middle.utf8))
        traces.append(Data(middle.replacing("+", with: "-").replacing("/", with: "_").utf8))
      }
    }
    return traces
  }

  /// The forms in which a careless panel prints it.
  var escaped: [String] {
    [
      text, encoded, encoded.replacing("%20", with: "+"),
      text.replacing("&", with: "&amp;").replacing("\"", with: "&quot;").replacing("'", with: "&#039;"),
      text.replacing("\"", with: "\\\"").replacing("/", with: "\\/"),
      text.replacing("ş", with: "\\u015f").replacing("ğ", with: "\\u011f").replacing("\"", with: "\\\""),
      Data(text.utf8).base64EncodedString(), Data(text.utf8).map { String(format: "%02x", $0) }.joined(),
    ]
  }
}

/// Looks for secrets where there must be none.
struct SecretHunt: Sendable {
  let secrets: [TestSecret]
  private let traces: [(name: String, bytes: Data)]

  init(_ secrets: [TestSecret]) {
    self.secrets = secrets
    traces = secrets.flatMap { secret in Set(secret.traces).map { (secret.name, $0) } }
  }

  /// What was found, with a little of what stands around it.
  func findings(in place: String, _ text: Data) -> [String] {
    traces.compactMap { name, trace in
      guard let start = Self.position(of: trace, in: text) else { return nil }
      let around = text[max(0, start - 60)..<min(text.count, start + trace.count + 30)]
      return "\(name) in \(place): …\(String(decoding: around, as: UTF8.self))…"
    }
  }

  /// Megabytes are looked through for hundreds of traces, in a debug build.
  private static func position(of trace: Data, in text: Data) -> Int? {
    text.withUnsafeBytes { text -> Int? in
      trace.withUnsafeBytes { trace -> Int? in
        guard let base = text.baseAddress, let wanted = trace.baseAddress else { return nil }
        var start = 0
        while start + trace.count <= text.count {
          guard let next = memchr(base + start, Int32(trace[0]), text.count - start - trace.count + 1) else { break }
          start = UnsafeRawPointer(next) - base
          if memcmp(base + start, wanted, trace.count) == 0 { return start }
          start += 1
        }
        return nil
      }
    }
  }

  func findings(in place: String, _ text: String) -> [String] { findings(in: place, Data(text.utf8)) }
}
