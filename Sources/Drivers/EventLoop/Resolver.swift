internal import CUV
import Glibc

/// Looks host names up beside the loop, so that a name server that hangs holds nobody up but those who wait for it.
///
/// Each lookup has a thread of its own, which is left to itself when nobody waits any longer: neither libuv's pool, which
/// has four threads and is waited for when the process ends, nor libpq, which looks names up where it is called. One name
/// has one lookup under way, whoever asks for it and however often, so a name server that hangs for good costs one thread
/// a name.
@LoopActor
public enum Resolver {
  private static var underWay: [String: Lookup] = [:]

  /// The numeric addresses of `host`, in the order in which they are to be tried; itself when it is an address.
  ///
  /// - Throws: ``StreamError`` when the name is unknown or `limit` passes.
  public static func addresses(of host: String, within limit: Duration) async throws(StreamError) -> [String] {
    if isAddress(host) { return [host] }
    let lookup = underWay[host] ?? begin(host)
    let deadline = EventLoop.shared.nowMilliseconds + limit.wholeMilliseconds
    while lookup.outcome == nil {
      let now = EventLoop.shared.nowMilliseconds
      guard now < deadline, await lookup.ended.wait(for: .milliseconds(deadline - now)) else { break }
    }
    guard let outcome = lookup.outcome else {
      throw StreamError("the name server does not answer for the host \(host)")
    }
    return try outcome.get()
  }

  /// Whether `host` is an address, with which nobody has to be asked.
  public static func isAddress(_ host: String) -> Bool {
    var address = in6_addr()
    let end = host.firstIndex(of: "%") ?? host.endIndex
    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, String(host[..<end]), &address) == 1
  }

  private static func begin(_ host: String) -> Lookup {
    let lookup = Lookup()
    underWay[host] = lookup
    Task(executorPreference: EventLoop.shared) { await end(lookup, of: host) }
    return lookup
  }

  private static func end(_ lookup: Lookup, of host: String) async {
    lookup.outcome = await withCheckedContinuation { Question(host, $0).ask() }
    underWay[host] = nil
    lookup.ended.signal()
  }
}

/// A question that a name server is to answer.
@LoopActor
private final class Lookup {
  var outcome: Result<[String], StreamError>?
  let ended = LoopEvent()
}

/// What a thread is to ask, and who waits for it.
private final class Question: Sendable {
  private let host: String
  private let continuation: CheckedContinuation<Result<[String], StreamError>, Never>

  init(_ host: String, _ continuation: CheckedContinuation<Result<[String], StreamError>, Never>) {
    self.host = host
    self.continuation = continuation
  }

  func answer(_ answer: Result<[String], StreamError>) { continuation.resume(returning: answer) }

  /// Asks on a thread that ends with the answer.
  func ask() {
    let this = Unmanaged.passRetained(self).toOpaque()
    var thread = pthread_t()
    if pthread_create(&thread, nil, answerQuestion, this) == 0 {
      pthread_detach(thread)
    } else {
      Unmanaged<Question>.fromOpaque(this).release()
      answer(.failure(StreamError("cannot look up the host \(host): no thread")))
    }
  }

  func run() { answer(LookupThread.look(up: host)) }
}

private func answerQuestion(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let raw { Unmanaged<Question>.fromOpaque(raw).takeRetainedValue().run() }
  return nil
}

/// Blocks.
private enum LookupThread {
  static func look(up host: String) -> Result<[String], StreamError> {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let failed = getaddrinfo(host, nil, &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    var found: [String] = []
    var next = failed == 0 ? list : nil
    while let entry = next {
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let size = socklen_t(text.count)
      if getnameinfo(
        entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, size, nil, 0, Int32(NI_NUMERICHOST)) == 0
      {
        let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if !found.contains(address) { found.append(address) }
      }
      next = entry.pointee.ai_next
    }
    guard !found.isEmpty else {
      let why = failed == 0 ? "it has no address" : String(cString: gai_strerror(failed))
      return .failure(StreamError("cannot find the host \(host): \(why)"))
    }
    return .success(found)
  }
}
