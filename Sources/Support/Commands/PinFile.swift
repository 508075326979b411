import CommandLine
import EventLoop
import Orders
import Store

/// The PIN that a person got from the provider's people, in a file so that it stands in no list of processes.
enum PinFile {
  /// The first line of the file, trimmed and without a byte order mark. A character in it that can't be seen is refused:
  /// the customer could not type it.
  static func read(_ path: String) throws(UsageError) -> Pin {
    guard let text = readTextFile(path) else { throw UsageError("--pin-file: \(path): \(FileTrouble(path).reason)") }
    var line = (text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text)
      .prefix { !$0.isNewline }
    while line.first?.isWhitespace == true { line.removeFirst() }
    while line.last?.isWhitespace == true { line.removeLast() }
    guard !line.isEmpty else { throw UsageError("--pin-file: the first line of \(path) is empty") }
    try SecretText.requireSeen(String(line), "--pin-file: the first line of \(path)")
    return Pin(String(line))
  }

  /// Two customers must not hold one code.
  ///
  /// - Parameter print: the PIN's; nil when there is nothing to compare.
  /// - Throws: ``ExitError`` when another order has the PIN.
  @LoopActor
  static func refuseGiven(_ print: [UInt8]?, _ order: Order, _ store: Store) async throws {
    guard let print, let holder = try await store.order(withPin: print), holder.id != order.id else { return }
    throw ExitError(
      "this is the PIN of order \(holder.id)\(holder.shopReference.map { " (\($0))" } ?? ""), which has it already; ask the"
        + " provider for another one; nothing was changed", code: 1)
  }
}
