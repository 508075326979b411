import Glibc

/// Lines on standard output and error, past the buffering of `print`, which would hold them back from a pipe.
enum Output {
  static func line(_ text: String) { write(text, to: 1) }
  static func error(_ text: String) { write(text, to: 2) }

  private static func write(_ text: String, to descriptor: Int32) {
    let bytes = Array("\(text)\n".utf8)
    _ = Glibc.write(descriptor, bytes, bytes.count)
  }
}
