public import EventLoop

/// Hands messages to mail servers by libcurl's SMTP. Each has a connection of its own and is tried once.
///
/// What goes to a public host goes over TLS, or not at all; only where the rule names a host may it be seen on its way.
///
/// Each message has a thread of its own, of ``threadsMax`` at most: libcurl waits for the answer to a whole message where it is
/// called, also in its multi interface, and on the loop nobody else would go on meanwhile.
@LoopActor
public final class MailClient {
  /// Messages under way at once; others wait for one of them to end.
  public nonisolated static let threadsMax = 8

  private let addresses: AddressRule
  private var isClosed = false
  private var underWay = 0
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// - Parameter addresses: where it may connect.
  public nonisolated init(addresses: AddressRule = .anywhere) { self.addresses = addresses }

  /// Hands one message over. Cancelling the task does not abort it: it may have reached the server.
  public func send(_ mail: Mail) async -> MailResult {
    guard let parts = URLParts(mail.url), ["smtp", "smtps"].contains(parts.scheme) else {
      return .unsent("not a well-formed smtp or smtps URL")
    }
    await enter()
    defer { leave() }
    guard !isClosed else { return .unsent("the client is closed") }
    guard HTTPClient.isCurlReady else { return .unsent("curl could not be set up") }
    return await withCheckedContinuation { continuation in
      MailThread(MailTransfer(mail, host: parts.host, addresses: addresses), continuation).start()
    }
  }

  private func enter() async {
    if underWay < Self.threadsMax {
      underWay += 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  /// Who waits takes the place.
  private func leave() {
    if waiting.isEmpty { underWay -= 1 } else { waiting.removeFirst().resume() }
  }

  /// What comes later fails; what is under way ends by itself, within its time.
  public func close() { isClosed = true }
}
